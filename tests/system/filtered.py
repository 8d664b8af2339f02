"""filtered.py ROOT --families "AF_UNIX .." [--no-writable-code] --calls NAME,.. -- COMMAND...: runs a command in ROOT with
the filter of system calls that systemd makes of SystemCallFilter=, RestrictAddressFamilies= and MemoryDenyWriteExecute=.
What is not named is answered EPERM."""

import argparse
import ctypes
import errno
import os
import socket
import sys

ALLOW, ERRNO = 0x7fff0000, 0x00050000
NO_NEW_PRIVILEGES = 3  # an attribute of the filter, SCMP_FLTATR_CTL_NNP: systemd does not set it for a service of root
EQUAL, MASKED_EQUAL = 4, 7
PROT_WRITE, PROT_EXEC = 2, 4


class Compare(ctypes.Structure):
    """scmp_arg_cmp of seccomp.h."""
    _fields_ = [("argument", ctypes.c_uint), ("operation", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def conditions(options):
    """Call name to the alternatives of which one must hold."""
    found = {"socket": [Compare(0, EQUAL, getattr(socket, family), 0) for family in options.families.split()]}
    if options.no_writable_code:
        found["mmap"] = [Compare(2, MASKED_EQUAL, PROT_EXEC, 0), Compare(2, MASKED_EQUAL, PROT_WRITE, 0)]
        found["mprotect"] = [Compare(2, MASKED_EQUAL, PROT_EXEC, 0)]
        found["pkey_mprotect"] = [Compare(2, MASKED_EQUAL, PROT_EXEC, 0)]
    return found


def load_filter(library, options):
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
                                               ctypes.POINTER(Compare)]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    made = library.seccomp_init(ERRNO | errno.EPERM)
    library.seccomp_attr_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32]
    library.seccomp_attr_set(made, NO_NEW_PRIVILEGES, 0)
    where = conditions(options)
    for name in options.calls.split(","):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            continue  # of another architecture, or newer than the library
        for condition in where.get(name, [None]):
            count, rule = (0, None) if condition is None else (1, ctypes.byref(condition))
            failed = library.seccomp_rule_add_array(made, ALLOW, number, count, rule)
            if failed:
                sys.exit(f"filtered.py: no rule for {name}: {os.strerror(-failed)}")
    if library.seccomp_load(made) != 0:
        sys.exit("filtered.py: the filter was not taken")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--families", required=True)
    parser.add_argument("--no-writable-code", action="store_true")
    parser.add_argument("--calls", required=True)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    library = ctypes.CDLL("libseccomp.so.2")
    os.chroot(options.root)
    os.chdir("/")
    load_filter(library, options)
    os.execvp(options.command[0], options.command)


if __name__ == "__main__":
    main()
