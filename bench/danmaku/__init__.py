"""Flying comments in the real watch page: what they cost the main thread, from the browser's own trace."""
