"""The words of the journal: every kind of event that the controller writes, and the data that goes with it.

Reports, recovery and people's dashboards read these and nothing of the controller's insides. `workpiece` counts from 1
in order of minting. Places are "STATION", "STATION/SLOT" (slots from 0), "GRIPPER" or "out"; resources are the same
words and device and zone names.

=============== ======================================================================================================
kind            data
=============== ======================================================================================================
run.begin       cell, parts (how many are to be finished), products, seed, dry_run, speed (override, 0 … 1)
state           state (PackML state), mode (PackML mode), cause
minted          workpiece, product, place
grant           workpiece, resources: what a workpiece was given, together
release         workpiece, resources
op.begin        workpiece, step (index in the route), verb, label, device (who performs it, "" for none)
op.end          workpiece, step, verb, label, outcome ("done" | "skipped" | "fault" | "rejected")
command         id, device, command, and the command's arguments; written before the device is told
result          id, device, outcome ("done" | the fault's word | "interrupted")
verdict         workpiece, result (its name in the route), status, reasons, measurements; its picture is kept beside
quality.begin   name, result, measure, unit ("m" | "px"), lower, upper (null for none), subgroup, learn: what is charted;
                written with the first measurement
quality.limits  name, mean, sigma: what control limits follow from, once they are known
quality         name, mean, range, n: a subgroup is complete
quality.signal  name, rule, text, matters (whether the tolerance is in danger, so that there is an alarm)
quality.restart name: a person has looked at the process; runs and trends begin anew
located         workpiece, x, y, yaw: where a camera found the part (cell frame, m and rad)
moved           workpiece, place: where the controller believes the part to be from now on
fault           source, fault, key (the policy that applies, "" for none), workpiece (0: none), detail
recovery        key, action, workpiece, attempt (from 1)
alarm           name, active, text; an alarm is raised once and cleared once
request         text: what a person is asked to do ("" for nothing any more)
service         station: a person exchanged it as the cell file foresees
intervention    cause: a person did what the cell could not do alone
blocked         routes (product → what it waits for), degraded (whether other routes run on)
finished        workpiece, product, became ("good" | "rejected" | "scrapped" | "unknown"), reason
energy          joules: the meter's count, at each finish and at the end
run.end         ended ("complete" | "held" | "aborted" | "stopped"), reason
=============== ======================================================================================================
"""
