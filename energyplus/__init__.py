"""The engine room: reads, edits and runs EnergyPlus models and reads their results. Free of Django and Celery."""
