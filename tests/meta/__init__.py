"""Laws about the project itself: layers, files, start-up, what is compiled, and that the suite tests what it says."""
