# SPDX-License-Identifier: MIT
"""What bench/run.py is made of: programs, how they are measured, what is compared with what."""
