"""The terminal user interface: screens and widgets over the store. The only package that imports textual."""
