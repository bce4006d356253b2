"""Files that leave and enter the house: the file form of cycles and documents."""
