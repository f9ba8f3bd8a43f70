"""How a server is started, probed, warmed and entered: one file a kind, all behind `kind.Kind`."""
