/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - every command by name.
 */
#pragma once

#include "cli/command.h"

extern const struct command cmd_app_add;
extern const struct command cmd_app_capabilities;
extern const struct command cmd_app_delete;
extern const struct command cmd_app_list;
extern const struct command cmd_cert_get;
extern const struct command cmd_cert_list;
extern const struct command cmd_cert_match;
extern const struct command cmd_cert_request;
extern const struct command cmd_cert_revoke;
extern const struct command cmd_completion;
extern const struct command cmd_csr_new;
extern const struct command cmd_csr_show;
extern const struct command cmd_device_add;
extern const struct command cmd_device_disable;
extern const struct command cmd_device_enable;
extern const struct command cmd_device_list;
extern const struct command cmd_expiry;
extern const struct command cmd_explain;
extern const struct command cmd_help;
extern const struct command cmd_inspect;
extern const struct command cmd_key_new;
extern const struct command cmd_man;
extern const struct command cmd_p12_make;
extern const struct command cmd_p12_open;
extern const struct command cmd_p12_rewrap;
extern const struct command cmd_p12_test;
extern const struct command cmd_portal_init;
extern const struct command cmd_portal_key_list;
extern const struct command cmd_portal_key_new;
extern const struct command cmd_portal_key_revoke;
extern const struct command cmd_portal_log;
extern const struct command cmd_portal_serve;
extern const struct command cmd_portal_exec, cmd_portal_protect, cmd_portal_fault;
extern const struct command cmd_portal_backup, cmd_portal_restore;
extern const struct command cmd_portal_set;
extern const struct command cmd_portal_settings;
extern const struct command cmd_profile_create;
extern const struct command cmd_profile_delete;
extern const struct command cmd_profile_get;
extern const struct command cmd_profile_list;
extern const struct command cmd_profile_renew;
extern const struct command cmd_project_check;
extern const struct command cmd_project_show;
extern const struct command cmd_resign;
extern const struct command cmd_sign;
extern const struct command cmd_verify, cmd_doctor;
extern const struct command cmd_version;
