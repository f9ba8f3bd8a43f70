"""What runs instances: one file an engine, all behind `engine.Engine`."""
