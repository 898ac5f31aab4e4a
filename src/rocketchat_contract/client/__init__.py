"""How a live server is touched: the transport, the pacer, visitors, facts and volleys."""
