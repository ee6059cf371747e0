//! The InSpec profile and its stand-in on pytest-testinfra.
