"""The conversations behind the samples that `samples/make.py` makes: real peers on loopback, one function each."""
