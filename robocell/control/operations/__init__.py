"""What each verb does, one file a verb. `OPERATIONS` maps a verb to its coroutine `(site, workpiece) -> None`.

An operation either is done, or raises `StepFault` or `DeviceFault` with the cell at rest and the workpiece's place as
it is believed to be; done again it takes up where that left it.
"""
