/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "ST-01",
		.title = "the match repository cannot be decrypted",
		.messages = TEXTS(
			"Couldn't decrypt the repo, please make sure you enter the "
			"right password!",
			"bad decrypt"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The passphrase is wrong.",
	                           "Neither digest opens it." },
	                         { "The default digest of \"openssl enc\" changed "
	                           "from MD5 to SHA-256 between the two machines.",
	                           "It opens with \"-md md5\"." }),
		.facts = "S",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Try both digests before the password is doubted: "
		       "openssl enc -d -aes-256-cbc -md md5 ... and -md sha256.",
		.command = "sealring store import-match URL",
		.sources = TEXTS("gh:fastlane/fastlane#12149", "gh:fastlane/docs#1196",
	                         "gh:hjanuschka/fastlane-plugin-cryptex#9"),
	},
	{
		.id = "ST-02",
		.title = "the passphrase of match is not set",
		.messages =
			TEXTS("Neither the MATCH_PASSWORD environment variable nor the "
	                      "local keychain contained a password"),
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "The secret is not set in CI, or not handed to "
	                         "pull requests of forks.",
	                         "The environment of the job lacks MATCH_PASSWORD." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Set MATCH_PASSWORD in the secrets of the job.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("fl:match/lib/match/encryption/openssl.rb"),
	},
	{
		.id = "ST-03",
		.title = "the store lacks an identity of this type",
		.messages =
			TEXTS("No code signing identity found and cannot create a new "
	                      "one because you enabled `readonly`"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The store has none of this type.",
	                           "List what is in it: development and distribution "
	                           "are apart." },
	                         { "It is another team's folder or branch.",
	                           "The branch in the log is not the one that was "
	                           "filled." }),
		.facts = "S",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Have an Admin put an identity of this type into "
		       "the store, once.",
		.command = "sealring store status",
		.sources = TEXTS("fl:match/lib/match/runner.rb"),
	},
	{
		.id = "ST-04",
		.title = "the store lacks a profile for this app",
		.messages = TEXTS(
			"No matching provisioning profiles found and cannot create "
			"a new one because you enabled `readonly`"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "There is none for this bundle id, type and "
	                           "platform.",
	                           "List what is in the store, nearest names first; "
	                           "extensions need their own." }),
		.facts = "SX",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Have the profile made and put into the store.",
		.command = "sealring profile create TYPE -a BUNDLE_ID "
			   "--portal DIR -o app.mobileprovision",
		.sources = TEXTS("fl:match/lib/match/runner.rb"),
	},
	{
		.id = "ST-05",
		.title = "the repository of the store cannot be read",
		.messages =
			TEXTS("Error cloning certificates repo, please make sure you "
	                      "have read access to the repository you want to use"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The key or token may not read it, the branch is "
	                           "missing, or the host is not known.",
	                           "git's own message stands above it." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Run the same \"git clone\" by hand and read what "
		       "git says.",
		.command = "sealring store check-access",
		.sources = TEXTS("fl:match/lib/match/storage/git_storage.rb"),
	},
	{
		.id = "ST-06",
		.title = "the certificate to import is not on the portal",
		.messages =
			TEXTS("This certificate cannot be imported - the certificate "
	                      "contents did not match with any available on the "
	                      "Developer Portal"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is revoked, has expired, or is another team's.",
	                           "sealring inspect shows date and team." },
	                         { "The user's role does not see it.",
	                           "An Admin sees it." }),
		.facts = "CD",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Compare serial number and team. If only the "
		       "portal was out of reach, import it later.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("fl:match/lib/match/importer.rb"),
	},
	{
		.id = "ST-07",
		.title = "the certificate in the store has expired",
		.messages =
			TEXTS("Your certificate '{certificate}' is not valid, please "
	                      "check end date and renew it if necessary"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It has expired; match looks at the last one of "
	                           "the folder only.",
	                           "Look at the dates of all of them." }),
		.facts = "C",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Have a new certificate made, and every profile "
		       "that listed the old one. Take the old one out of the "
		       "store.",
		.command = "sealring inspect CERT.cer --short",
		.sources = TEXTS("fl:match/lib/match/runner.rb"),
	},
	{
		.id = "ST-08",
		.title = "the passphrase of this store cannot be changed",
		.messages = TEXTS(
			"Only git-based match allows you to change your password, "
			"current storage_mode is {mode}"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "match changes the one passphrase of the team only "
	                           "in git. Who left keeps whatever was read.",
	                           "The storage mode is s3, google_cloud or "
	                           "gitlab_secure_files." }),
		.facts = "S",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Encrypt to persons instead of to one passphrase. "
		       "When somebody leaves, make the keys anew that were within "
		       "reach.",
		.command = "sealring store rotate",
		.sources = TEXTS("fl:match/lib/match/change_password.rb"),
	},
};

const struct explain_family explain_store = {
	.name = "ST",
	.title = "Team stores of keys and profiles",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
