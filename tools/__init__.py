"""What keeps lessons, book and map in step: called by the Makefile, imported by no lesson."""
