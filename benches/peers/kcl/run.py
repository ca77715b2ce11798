"""Runs KCL, whose engine comes in Python's package, and prints the artifacts: `run.py FACTS`."""

import os
import sys

from kcl_lib import api

here = os.path.dirname(os.path.abspath(__file__))
asked = api.ExecProgramArgs(k_filename_list=[f"{sys.argv[1]}/facts.k", f"{here}/main.k"], path_selector=["artifacts"])
done = api.API().exec_program(asked)
if done.err_message:
    sys.exit(done.err_message)
print(done.json_result)
