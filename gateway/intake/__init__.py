"""Where messages come in: verify who brings them, keep the bytes, acknowledge. Nothing here parses, tags or sends."""
