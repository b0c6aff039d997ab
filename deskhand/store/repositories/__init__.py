"""One module for each kind of thing that is kept; every query carries the tenant."""
