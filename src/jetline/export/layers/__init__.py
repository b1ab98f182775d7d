"""What each layer of a network becomes: functions, found by the name of the layer's class."""
