"""Speed and cost as ratios, each measured in one run beside its baseline: ``make bench``, explained in
docs/performance.md.

A module per figure, or for two that come out of one measurement. ``validate_speed`` is a script of its own.
"""
