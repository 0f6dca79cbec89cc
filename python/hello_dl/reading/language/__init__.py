"""Which letters are likely beside which, and where on a line they stand."""
