/* Runs differ: everyone runs again and votes. */
#include "oracle/judge_local.h"

#include <stdio.h>

bool outcome_equal(const Outcome *a, const Outcome *b, const Signature *sig, uint32_t *result)
{
    *result = NO_INDEX;
    if (a->kind != b->kind) return false;
    if (a->kind == OUTCOME_trapped) return a->trap == b->trap;
    if (a->kind != OUTCOME_returned) return true;
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        if (bits_equal(a->results[k], b->results[k])) continue;
        *result = k;
        return false;
    }
    return true;
}

VerdictKind outcome_own_fault(const Outcome *o)
{
    switch (o->kind) {
    case OUTCOME_crashed: return VERDICT_crash;
    case OUTCOME_hung: return VERDICT_hang;
    case OUTCOME_overflow: return VERDICT_overflow;
    case OUTCOME_abi: return VERDICT_abi;
    case OUTCOME_stray: return VERDICT_stray;
    case OUTCOME_returned:
    case OUTCOME_trapped:
    case OUTCOME_fuel:
    case OUTCOME_invalid:
    case OUTCOME_refused:
    case OUTCOME_COUNT: break;
    }
    return VERDICT_agree;
}

/* One configuration's run; what it says of itself would not outlive the next. */
static void fill_ballot(Judge *j, const Voter *v, const Case *c, const Run *run, Ballot *b)
{
    *b = (Ballot){.outcome.kind = OUTCOME_refused, .group = BALLOT_NONE};
    if (voter_took(v)) {
        voter_vote(j, v, c, run, &b->outcome);
        b->memory_hash = image_hash(j->image);
    } else {
        b->outcome.detail = v->chosen ? v->why : "not chosen for this case";
    }
    if (b->outcome.detail) snprintf(b->detail, sizeof b->detail, "%s", b->outcome.detail);
    b->outcome.detail = NULL;
}

/* Runs every configuration again and puts equal ones into groups. */
static void hold_ballot(Judge *j, const Case *c, const Run *run, Verdict *v)
{
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    uint8_t groups = 0;
    v->nballots = j->configs.n;
    for (uint32_t k = 0; k < j->configs.n; k++) {
        Ballot *b = &v->ballots[k];
        fill_ballot(j, &j->voters[k], c, run, b);
        if (!voter_took(&j->voters[k])) continue;
        uint32_t result;
        for (uint32_t e = 0; e < k && b->group == BALLOT_NONE; e++) {
            const Ballot *earlier = &v->ballots[e];
            if (earlier->group != BALLOT_NONE && earlier->memory_hash == b->memory_hash &&
                outcome_equal(&earlier->outcome, &b->outcome, sig, &result))
                b->group = earlier->group;
        }
        if (b->group == BALLOT_NONE) b->group = groups++;
    }
}

static uint32_t group_size(const Verdict *v, uint8_t group)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < v->nballots; k++) n += v->ballots[k].group == group;
    return n;
}

/* Who wrote the code generator: configurations of one back end, and versions of it, may all have
 * the same mistake. */
static const char *family(const Config *c)
{
    return c->library ? c->library->api->name : c->backend->name;
}

/* How many families have a voter in `group`. */
static uint32_t count_families(const Judge *j, const Verdict *v, uint8_t group)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < v->nballots; k++) {
        bool is_first = v->ballots[k].group == group;
        for (uint32_t e = 0; e < k && is_first; e++)
            is_first = v->ballots[e].group != group ||
                       strcmp(family(j->configs.at[e]), family(j->configs.at[k])) != 0;
        n += is_first;
    }
    return n;
}

/* The one group with the most families; BALLOT_NONE when several have as many. */
static uint8_t most_families(const Judge *j, const Verdict *v, uint8_t groups)
{
    uint8_t best = 0;
    bool alone = true;
    for (uint8_t g = 1; g < groups; g++) {
        uint32_t most = count_families(j, v, best), n = count_families(j, v, g);
        if (n >= most) alone = n > most;
        if (n > most) best = g;
    }
    return alone ? best : (uint8_t)BALLOT_NONE;
}

/* The group that outvotes the rest: that of the most families, else that of more than half of the
 * voters. BALLOT_NONE when there is none, or when only two vote. */
static uint8_t majority(const Judge *j, const Verdict *v)
{
    uint32_t voters = v->nballots - group_size(v, BALLOT_NONE);
    uint8_t groups = 0;
    for (uint32_t k = 0; k < v->nballots; k++)
        if (v->ballots[k].group != BALLOT_NONE && v->ballots[k].group >= groups)
            groups = v->ballots[k].group + 1;
    if (voters < 3) return BALLOT_NONE;
    uint8_t most = most_families(j, v, groups);
    for (uint8_t g = 0; g < groups && most == BALLOT_NONE; g++)
        if (2 * group_size(v, g) > voters) most = g;
    return most;
}

/* The first voter that is, or is not, in `group`; NO_INDEX for none. */
static uint32_t first_voter(const Verdict *v, uint8_t group, bool inside)
{
    for (uint32_t k = 0; k < v->nballots; k++)
        if (v->ballots[k].group != BALLOT_NONE && (v->ballots[k].group == group) == inside)
            return k;
    return NO_INDEX;
}

static void name_difference(Judge *j, const Case *c, const Run *run, Verdict *v, uint32_t odd,
                            uint32_t other)
{
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    const Outcome *a = &v->ballots[other].outcome, *b = &v->ballots[odd].outcome;
    if (!outcome_equal(a, b, sig, &v->result)) {
        v->kind = v->result != NO_INDEX ? VERDICT_results : VERDICT_ending;
        return;
    }
    Outcome again;
    v->kind = VERDICT_memory;
    judge_run(j, j->configs.at[other], c, run, &again);
    image_keep(j->image);
    judge_run(j, j->configs.at[odd], c, run, &again);
    if (image_differs(j->image, &v->where) && v->where.outside) v->kind = VERDICT_stray;
}

/* Someone broke a rule alone: the first in order is named. True when there is one. */
static bool find_own_fault(const Judge *j, Verdict *v)
{
    for (uint32_t k = 0; k < v->nballots; k++) {
        if (v->ballots[k].group == BALLOT_NONE) continue;
        VerdictKind kind = outcome_own_fault(&v->ballots[k].outcome);
        if (kind == VERDICT_agree) continue;
        v->kind = kind;
        v->odd = j->configs.at[k];
        snprintf(v->text, sizeof v->text, "%s: %s (%s)", v->odd->label, verdict_meaning(kind),
                 v->ballots[k].detail);
        return true;
    }
    return false;
}

/* The others of the minority: ` and NAME`, or how many. */
static void write_others(const Judge *j, const Verdict *v, uint8_t group, uint32_t odd,
                         char text[static 100])
{
    uint32_t n = 0, last = odd;
    for (uint32_t k = odd + 1; k < v->nballots; k++) {
        if (v->ballots[k].group == BALLOT_NONE || v->ballots[k].group == group) continue;
        n++;
        last = k;
    }
    text[0] = 0;
    if (n == 1) snprintf(text, 100, " and %s", j->configs.at[last]->name);
    if (n > 1) snprintf(text, 100, " and %u more", n);
}

/* `group` outvotes the rest. */
static void blame(Judge *j, const Case *c, const Run *run, Verdict *v, uint8_t group)
{
    char others[100];
    uint32_t odd = first_voter(v, group, false), other = first_voter(v, group, true);
    v->odd = j->configs.at[odd];
    v->other = j->configs.at[other];
    name_difference(j, c, run, v, odd, other);
    write_others(j, v, group, odd, others);
    snprintf(v->text, sizeof v->text, "%s%s: %s than %s", v->odd->label, others,
             verdict_meaning(v->kind), v->other->label);
}

/* Nobody is in the majority: the later is shown against the earlier, and none is named. */
static void show_both(Judge *j, const Case *c, const Run *run, Verdict *v, uint32_t first,
                      uint32_t second)
{
    uint32_t voters = v->nballots - group_size(v, BALLOT_NONE);
    v->other = j->configs.at[first];
    name_difference(j, c, run, v, second, first);
    snprintf(v->text, sizeof v->text, "%s and %s: %s; %s", j->configs.at[second]->label,
             v->other->label, verdict_meaning(v->kind),
             voters == 2 ? "two alone cannot say which is wrong"
                         : "no majority says which is wrong");
}

/* Whether a case that claims discipline comes to something else when its slots lie elsewhere. No
 * generated case does; one that was changed may compute with addresses of several objects, which
 * is nobody's fault but its own. */
static bool depends_on_places(Judge *j, const Case *c, const Run *run, Verdict *v)
{
    for (uint32_t k = 0; k < j->configs.n && c->discipline; k++) {
        const Signature *sig = &c->module->funcs.at[run->func]->sig;
        uint32_t result;
        Outcome here, apart;
        if (!j->configs.at[k]->backend->run || !voter_took(&j->voters[k])) continue;
        voter_run(j, &j->voters[k], c, run, &here);
        uint64_t hash = image_hash(j->image);
        voter_run_apart(j, &j->voters[k], c, run, &apart);
        if (apart.kind == OUTCOME_refused) return false; /* no room */
        if (outcome_equal(&here, &apart, sig, &result) && hash == image_hash(j->image)) continue;
        v->kind = VERDICT_invalid;
        snprintf(v->text, sizeof v->text, "%s: what it comes to depends on where its slots lie%s%s",
                 j->configs.at[k]->name, apart.detail ? ": " : "",
                 apart.detail ? apart.detail : "");
        return true;
    }
    return false;
}

void judge_settle(Judge *j, const Case *c, const Run *run, Verdict *v)
{
    if (depends_on_places(j, c, run, v)) return;
    hold_ballot(j, c, run, v);
    if (find_own_fault(j, v)) return;
    uint32_t first = first_voter(v, BALLOT_NONE, false);
    uint32_t second = first_voter(v, v->ballots[first].group, false);
    uint8_t group = majority(j, v);
    if (second == NO_INDEX) v->kind = VERDICT_agree; /* it did not come again */
    else if (group != BALLOT_NONE) blame(j, c, run, v, group);
    else show_both(j, c, run, v, first, second);
}

enum { FOCUS_VOTERS = 3 };

/* Whether voter `k` was of another opinion than the odd one; of those nobody knows, where there was
 * no ballot. */
static bool opposes(const Judge *j, const Verdict *v, uint32_t k)
{
    uint32_t odd = 0;
    while (odd < j->configs.n && j->configs.at[odd] != v->odd) odd++;
    if (odd == k || !voter_took(&j->voters[k])) return false;
    return k >= v->nballots || (v->ballots[k].group != BALLOT_NONE &&
                                v->ballots[k].group != v->ballots[odd].group);
}

uint32_t judge_focus(Judge *j, const Verdict *v)
{
    uint32_t before = 0, voters = 1;
    for (uint32_t k = 0; k < j->configs.n; k++) before |= (uint32_t)j->voters[k].chosen << k;
    for (uint32_t pass = 0; v->odd && pass < 2; pass++) /* those that are built in first */
        for (uint32_t k = 0; k < j->configs.n; k++) {
            Voter *voter = &j->voters[k];
            if (voter->config == v->odd || (pass == 0) == (voter->remote != NULL)) continue;
            bool needed = voter->chosen && voters < FOCUS_VOTERS && opposes(j, v, k);
            voter->chosen = needed;
            voters += needed;
        }
    return before;
}

void judge_unfocus(Judge *j, uint32_t before)
{
    for (uint32_t k = 0; k < j->configs.n; k++) j->voters[k].chosen = before >> k & 1;
}
