"""The reading workshop: page images in, text with boxes and confidences out; it knows nothing of letters."""
