"""The report as one HTML page: `page` puts it together, each section has a module of its own."""
