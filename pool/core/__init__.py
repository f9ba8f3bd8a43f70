"""Pure, synchronous decisions: states, budget, plan, adoption. No asyncio, no I/O, no clock of its own."""
