"""For SGLang's prefill and decode servers without an accelerator: mooncake's managers may not ask for indices on a device.

On PYTHONPATH of these servers only. Nothing else of SGLang is changed.
"""
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder

MODULE = "sglang.srt.disaggregation.mooncake.conn"
SHORTCUT = "supports_host_tensor_indices"


class WithoutShortcut(MetaPathFinder):
    def find_spec(self, fullname, path, target=None):
        if fullname != MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path)
        original = spec.loader.exec_module

        def execute(module):
            original(module)
            for kind in [k for k in vars(module).values() if isinstance(k, type) and getattr(k, SHORTCUT, False)]:
                setattr(kind, SHORTCUT, False)

        spec.loader.exec_module = execute
        return spec


sys.meta_path.insert(0, WithoutShortcut())
