// SPDX-License-Identifier: MIT
//
// verify: the verdict of attest/ on a file or on a server. Exit status 0: trusted; 1: not, with the reason in
// one line; 2: there was nothing to judge.
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attest/snp.h"
#include "cli/attest/claims.h"
#include "cli/attest/file.h"
#include "cli/attest/input.h"
#include "cli/attest/obtain.h"
#include "cli/commands.h"

enum { OPTION_POLICY = 1, OPTION_COLLATERAL, OPTION_TIME, OPTION_JSON, OPTION_ROOT };
enum { TRUSTED = 0, NOT_TRUSTED = 1, UNUSABLE = 2 };

const struct option verify_options[] = {
    {"policy", "FILE", "what to accept (JSON); without: release code on up-to-date platforms", OPTION_POLICY},
    {"collateral", "DIR", "take collateral from this folder", OPTION_COLLATERAL},
    {"time", "T", "judge as of then: seconds since 1970, or YYYY-MM-DDThh:mm:ssZ", OPTION_TIME},
    {"root", "FILE", "trust this root certificate as well", OPTION_ROOT},
    {"json", NULL, "print verdict and claims as JSON", OPTION_JSON},
    {0}};

struct job {
    const char *name, *policy_file, *folder, *root_file;
    int64_t time;
    bool json;
    struct input input;
    struct attest_policy *policy;
    struct collateral_files files;
    uint8_t *root;
    struct attest_verdict verdict;
    int result;
    char no_collateral[200]; // why a service gave none; empty: it did, or there is a folder
};

static bool parse_time(const char *text, int64_t *ret)
{
    char *end;
    struct tm tm = {0};
    errno = 0;
    const long long seconds = strtoll(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && !errno) {
        *ret = seconds;
        return true;
    }
    end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (!end || *end)
        return false;
    *ret = (int64_t)timegm(&tm);
    return true;
}

// 0, -1 after a message, -2 after help.
static int parse_options(const struct command *self, int argc, char **argv, struct job *j)
{
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    int id;
    while ((id = option_next_anywhere(&o)) > 0) {
        switch (id) {
        case OPTION_POLICY:
            j->policy_file = o.value;
            break;
        case OPTION_COLLATERAL:
            j->folder = o.value;
            break;
        case OPTION_ROOT:
            j->root_file = o.value;
            break;
        case OPTION_JSON:
            j->json = true;
            break;
        default:
            if (!parse_time(o.value, &j->time))
                return complain("verify: '%s' is not a time: seconds since 1970, or YYYY-MM-DDThh:mm:ssZ",
                                o.value),
                       -1;
        }
    }
    if (id < 0)
        return id;
    if (o.operands != 1)
        return complain("verify: %s: myst verify %s", o.operands ? "one operand only" : "no operand",
                        self->synopsis),
               -1;
    j->name = argv[0];
    return 0;
}

static bool load_policy(struct job *j)
{
    static const char strict[] = "{}";
    char reason[256] = "";
    uint8_t *text = NULL;
    size_t size = 0;
    int r = j->policy_file ? file_read(j->policy_file, &text, &size) : 0;
    if (r)
        return complain("verify: %s: %s", j->policy_file, strerror(-r)), false;
    r = attest_policy_parse(text ? (const void *)text : strict, text ? size : sizeof(strict) - 1, &j->policy,
                            reason, sizeof(reason));
    free(text);
    if (r)
        complain("verify: %s: %s", j->policy_file, r == -EINVAL ? reason : strerror(-r));
    return !r;
}

static bool load_root(struct job *j)
{
    size_t size;
    if (!j->root_file)
        return true;
    const int r = file_read(j->root_file, &j->root, &size);
    if (r)
        return complain("verify: %s: %s", j->root_file, strerror(-r)), false;
    j->policy->extra_root = (struct attest_bytes){j->root, size};
    return true;
}

static bool find_platform(const struct input *in, struct attest_platform *ret)
{
    return !(in->is_certificate ? attest_certificate_platform : attest_evidence_platform)(in->bytes, in->size,
                                                                                          ret);
}

// Without collateral the verdict still says what is wrong with the evidence itself.
static bool load_collateral(struct job *j)
{
    char path[PATH_MAX], reason[512] = "";
    struct attest_platform platform;
    if (j->folder) {
        const int r = collateral_files_load(j->folder, &j->files, path);
        if (r)
            return complain("verify: %s: %s", path, strerror(-r)), false;
        j->policy->pck_chain = j->files.pck_chain;
        return true;
    }
    if (!find_platform(&j->input, &platform))
        return true;
    if (collateral_obtain(&platform, &j->files, reason, sizeof(reason)))
        snprintf(j->no_collateral, sizeof(j->no_collateral), "%s", *reason ? reason : "out of memory");
    return true;
}

static void judge(struct job *j)
{
    const struct input *in = &j->input;
    const struct attest_collateral *c = &j->files.collateral;
    j->result = in->is_certificate
                    ? attest_verify_certificate(in->bytes, in->size, c, j->time, j->policy, NULL, &j->verdict)
                    : attest_verify_evidence(in->bytes, in->size, c, j->time, j->policy, &j->verdict);
}

static bool fits(struct attest_bytes candidate, const struct attest_snp *claims)
{
    bool found = false;
    struct vek vek;
    STACK_OF(X509) *certificates = certificates_parse(candidate);
    for (int i = 0; i < sk_X509_num(certificates); i++)
        found = found || (vek_parse(sk_X509_value(certificates, i), &vek) && !vek_mismatch(&vek, claims));
    certificates_free(certificates);
    return found;
}

// A folder may hold the certificates of several report keys: the one that fits, else any, so that the verdict
// tells what is wrong.
static void choose_vek(struct job *j)
{
    struct attest_bytes *chosen = &j->files.collateral.item[ATTEST_VEK];
    struct attest_verdict ignored;
    struct snp_report report;
    if (j->input.is_certificate ||
        !snp_report_looks_like((struct attest_bytes){j->input.bytes, j->input.size}) ||
        snp_report_parse((struct attest_bytes){j->input.bytes, j->input.size}, &report, &ignored))
        return;
    for (size_t i = j->files.vek_count; i-- > 0;)
        if (!chosen->size || fits(j->files.vek[i], &report.claims))
            *chosen = j->files.vek[i];
}

static void print_json(const struct job *j, bool has_claims)
{
    json_t *o = json_object();
    (void)json_object_set_new(o, "trusted", json_boolean(!j->result));
    (void)json_object_set_new(o, "result", json_string(attest_result_name(j->verdict.result)));
    if (j->result)
        (void)json_object_set_new(o, "reason", json_string(j->verdict.reason));
    if (has_claims)
        (void)json_object_set_new(o, "claims", claims_of(&j->verdict));
    json_dumpf(o, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(o);
}

// What is wrong with the evidence itself comes first; that something is missing is for the verifier to find
// out, and why it is, for us to say.
static void explain(struct job *j)
{
    if (j->verdict.result == ATTEST_COLLATERAL_MISSING && j->no_collateral[0])
        snprintf(j->verdict.reason, sizeof(j->verdict.reason), "no collateral: %s", j->no_collateral);
}

static int report(const struct job *j)
{
    const bool has_claims = !j->result || j->result == -EPERM;
    if (j->json)
        print_json(j, has_claims);
    if (j->result)
        return complain("%s: not trusted: %s (%s)", j->name, j->verdict.reason,
                        attest_result_name(j->verdict.result));
    if (!j->json) {
        json_t *claims = claims_of(&j->verdict);
        printf("trusted\n");
        claims_print(claims);
        json_decref(claims);
    }
    return TRUSTED;
}

static int run(struct job *j)
{
    if (!load_policy(j) || !load_root(j) || !input_load("verify", j->name, &j->input) || !load_collateral(j))
        return UNUSABLE;
    choose_vek(j);
    judge(j);
    explain(j);
    return report(j);
}

int verify_main(const struct command *self, int argc, char **argv)
{
    struct job j = {.time = (int64_t)time(NULL)};
    const int r = parse_options(self, argc, argv, &j);
    if (r)
        return r == -2 ? TRUSTED : UNUSABLE;
    signal(SIGPIPE, SIG_IGN); // a server that hangs up is an error like others
    const int status = run(&j);
    input_free(&j.input);
    collateral_files_free(&j.files);
    attest_policy_free(j.policy);
    free(j.root);
    return status;
}
