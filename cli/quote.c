// SPDX-License-Identifier: MIT
//
// quote: what a quote, a report or a certificate says, without judging it.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/extension.h"
#include "attest/openenclave.h"
#include "attest/quote.h"
#include "attest/snp.h"
#include "attest/verdict.h"
#include "attest/verify.h"
#include "cli/attest/claims.h"
#include "cli/attest/file.h"
#include "cli/attest/input.h"
#include "cli/commands.h"

enum { OPTION_JSON = 1, OPTION_OUTPUT };

const struct option quote_options[] = {{"json", NULL, "print as JSON", OPTION_JSON},
                                       {"output", "FILE", "write the bare quote or report", OPTION_OUTPUT},
                                       {0}};

static void set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static json_t *certificates_of(struct attest_bytes text)
{
    json_t *array = json_array();
    STACK_OF(X509) *list = text.size ? certificates_parse(text) : NULL;
    for (int i = 0; i < sk_X509_num(list); i++) {
        char name[256];
        X509_NAME_oneline(X509_get_subject_name(sk_X509_value(list, i)), name, sizeof(name));
        (void)json_array_append_new(array, json_string(name));
    }
    certificates_free(list);
    return array;
}

static json_t *show_platform(const struct attest_bytes bytes)
{
    struct attest_platform platform;
    if (attest_quote_platform(bytes.data, bytes.size, &platform))
        return NULL;
    json_t *o = json_object();
    set(o, "fmspc", hex_of(platform.fmspc, sizeof(platform.fmspc)));
    set(o, "ca", json_string(platform.ca ? "platform" : "processor"));
    return o;
}

static json_t *show_quote(struct attest_bytes bytes, struct attest_verdict *v)
{
    struct quote q;
    if (quote_parse(bytes, &q, v))
        return NULL;
    json_t *o = json_object(), *platform = show_platform(bytes);
    set(o, "kind", json_string("quote"));
    set(o, "tee", json_string(attest_tee_name(q.tee)));
    set(o, "version", json_integer(q.header.version));
    set(o, "size", json_integer((json_int_t)q.size));
    set(o, "bytes_behind", json_integer((json_int_t)(bytes.size - q.size)));
    set(o, "qe_id", hex_of(q.header.user_data, 16));
    if (q.tee == ATTEST_SGX)
        set(o, "enclave", claims_of_enclave(&q.body));
    else
        set(o, "trust_domain", claims_of_trust_domain(&q.td));
    set(o, "report_data", hex_of(quote_report_data(&q), 64));
    set(o, "quoting_enclave", claims_of_enclave(q.signature.qe_report));
    set(o, "attestation_key", hex_of(q.signature.attestation_key, sizeof(q.signature.attestation_key)));
    set(o, "certification_type", json_integer(q.certification_type));
    set(o, "certificates", certificates_of(pck_chain_text(&q, (struct attest_bytes){0})));
    if (platform)
        set(o, "platform", platform);
    return o;
}

static json_t *show_report(struct attest_bytes bytes, struct attest_verdict *v)
{
    struct snp_report report;
    if (snp_report_parse(bytes, &report, v))
        return NULL;
    json_t *o = json_object();
    set(o, "kind", json_string("report"));
    set(o, "tee", json_string(attest_tee_name(ATTEST_SNP)));
    set(o, "version", json_integer(report.claims.version));
    set(o, "size", json_integer(SNP_REPORT_SIZE));
    set(o, "bytes_behind", json_integer((json_int_t)report.rest.size));
    set(o, "guest", claims_of_guest(&report.claims));
    set(o, "report_data", hex_of(report.report_data, sizeof(report.report_data)));
    return o;
}

static json_t *show(struct attest_bytes bytes, bool is_report, struct attest_verdict *v)
{
    return is_report ? show_report(bytes, v) : show_quote(bytes, v);
}

// 0: shown; else status 2 after a message.
static int print(const char *name, json_t *object, bool json, const struct attest_verdict *v)
{
    if (!object)
        return complain("quote: %s: %s", name, v->reason), 2;
    if (json) {
        json_dumpf(object, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        claims_print(object);
    }
    json_decref(object);
    return 0;
}

static int write_bare(const char *path, struct attest_bytes bytes)
{
    const int r = path ? file_write(path, bytes.data, bytes.size) : 0;
    return r ? complain("quote: %s: %s", path, strerror(-r)), 2 : 0;
}

static int print_certificate(const char *name, const struct input *in, bool json, const char *output)
{
    struct attest_verdict v = {.reason = "it carries no evidence"};
    struct evidence evidence[MAX_EVIDENCE];
    X509 *certificate = certificate_parse((struct attest_bytes){in->bytes, in->size});
    const int count = certificate ? evidence_find(certificate, evidence, &v) : 0;
    int r = count > 0 ? 0 : print(name, NULL, json, &v);
    for (int i = 0; !r && i < count; i++) {
        if (i && !json)
            putchar('\n');
        r = print(name, show(evidence[i].quote, evidence[i].is_report, &v), json, &v);
        if (!r && i == 0)
            r = write_bare(output, evidence[i].quote);
    }
    X509_free(certificate);
    return r;
}

static int print_evidence(const char *name, const struct input *in, bool json, const char *output)
{
    struct attest_verdict v = {0};
    const struct attest_bytes whole = {in->bytes, in->size};
    struct attest_bytes bytes, claims;
    const bool wrapped = oe_report_parse(whole, &bytes) || oe_evidence_parse(whole, &bytes, &claims);
    if (!wrapped)
        bytes = whole;
    const int r = print(name, show(bytes, !wrapped && snp_report_looks_like(bytes), &v), json, &v);
    return r ? r : write_bare(output, bytes);
}

int quote_main(const struct command *self, int argc, char **argv)
{
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    struct input in;
    const char *output = NULL;
    bool json = false;
    int id;
    while ((id = option_next_anywhere(&o)) > 0) {
        if (id == OPTION_JSON)
            json = true;
        else
            output = o.value;
    }
    if (id < 0)
        return id == -2 ? 0 : 2;
    if (o.operands != 1)
        return complain("quote: %s: myst quote %s", o.operands ? "one operand only" : "no operand",
                        self->synopsis),
               2;
    if (!input_load("quote", argv[0], &in))
        return 2;
    const int r = (in.is_certificate ? print_certificate : print_evidence)(argv[0], &in, json, output);
    input_free(&in);
    return r;
}
