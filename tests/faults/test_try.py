import time, os
import pytest
from tests.faults.project import *
def test_x(project, undisturbed):
    for st in ((), ("video_25fps",)):
        t=time.time(); c=time.process_time(); o=project.run(*st); print(st, o, time.time()-t, time.process_time()-c)
    import shutil
    shutil.rmtree(project.folders.work); project.forget("output","reports")
    t=time.time(); c=time.process_time();o=project.run(); print(o, time.time()-t, time.process_time()-c)
    assert project.delivered()==undisturbed.delivered()
    print(project.delivered())
    os.system(f"du -sh {project.home}/*")
