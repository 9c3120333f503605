"""Offers the local AppFlow to moto: writes it as a patch against moto's source and tests it there."""
