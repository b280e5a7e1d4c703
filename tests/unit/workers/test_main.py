import subprocess
import sys


def test_an_unknown_agent_is_said_in_a_line():
    """`python -m workers nobody` names the agents there are, and shows no traceback."""
    done = subprocess.run([sys.executable, "-m", "workers", "nobody"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no agent is called 'nobody'" in done.stderr
    assert "sales" in done.stderr
    assert "Traceback" not in done.stderr
