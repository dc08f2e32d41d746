"""Dissectors of vendor-specific opcodes, one file each. `registry` holds those in use, `example` is the template."""
