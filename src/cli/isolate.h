/* SPDX-License-Identifier: Apache-2.0 */
/*
 * isolate.h - leave the network: namespaces of Linux (namespaces(7)).
 */
#pragma once

#include "util/error.h"

/*
 * From here on this process and its children have a network of their own with nothing
 * but the loopback, and see the text in place of /etc/hosts.  Before any thread is
 * made.  file: where the text goes; a path that is free, and stays until the end.
 * Errors: ERROR_PERMISSION (the system does not let us), ERROR_IO; elsewhere than on
 * Linux ERROR_REFUSED.
 */
NODISCARD bool isolate_begin(const char *hosts, const char *file, struct error *err);
