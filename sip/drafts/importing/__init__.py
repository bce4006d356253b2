"""Documents of other formats on their way in: made safe, turned into Markdown, cut into sections."""
