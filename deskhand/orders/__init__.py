"""The order domain on top of the engine: model, commands, events, errors, handlers. Knows no SQL and no HTTP."""
