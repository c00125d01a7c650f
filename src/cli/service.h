/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h - being a service: signals, and systemd's two protocols (sd_listen_fds(3),
 * sd_notify(3)), which are an environment variable each.
 */
#pragma once

#include "util/error.h"

/* Before any thread is made: SIGTERM and SIGINT wait for service_wait(). */
NODISCARD bool service_begin(struct error *err);

/* The socket that systemd opened for us; -1: none. */
int service_socket(void);

/* Tell systemd, if it asked to be told: "READY=1", "STOPPING=1". */
void service_notify(const char *state);

/* Return when the service is asked to stop. */
void service_wait(void);
