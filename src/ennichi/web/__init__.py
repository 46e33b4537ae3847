"""The HTTP side: the only place that knows the web framework. One module per area of the API."""
