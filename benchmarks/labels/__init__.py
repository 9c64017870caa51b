"""The sorter measured: owners and pseudo-owners, baselines, draws of labels at random and by asking."""
