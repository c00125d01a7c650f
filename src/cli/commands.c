/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of all commands, in the order of the help.
 */
#include "cli/commands.h"

/* clang-format off */
const struct command *const commands[] = {
	&cmd_inspect,
	&cmd_verify,
	&cmd_doctor,
	&cmd_explain,
	&cmd_sign,
	&cmd_resign,
	&cmd_expiry,
	&cmd_portal_init,
	&cmd_key_new,
	&cmd_csr_new,
	&cmd_csr_show,
	&cmd_cert_request,
	&cmd_cert_list,
	&cmd_cert_get,
	&cmd_cert_revoke,
	&cmd_cert_match,
	&cmd_p12_make,
	&cmd_p12_test,
	&cmd_p12_open,
	&cmd_p12_rewrap,
	&cmd_app_add,
	&cmd_app_list,
	&cmd_app_capabilities,
	&cmd_app_delete,
	&cmd_device_add,
	&cmd_device_list,
	&cmd_device_disable,
	&cmd_device_enable,
	&cmd_profile_create,
	&cmd_profile_list,
	&cmd_profile_get,
	&cmd_profile_renew,
	&cmd_profile_delete,
	&cmd_project_show,
	&cmd_project_check,
	&cmd_completion,
	&cmd_man,
	&cmd_help,
	&cmd_version,
	NULL,
};
/* clang-format on */
