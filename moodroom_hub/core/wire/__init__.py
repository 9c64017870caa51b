"""How the hub's answers look on the wire: the HTTP API and MQTT say the same things in the same shapes."""
