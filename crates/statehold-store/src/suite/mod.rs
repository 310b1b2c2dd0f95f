//! The rules that every store keeps, as tests to run over any of them.
//!
//! Each rule is a function that takes a fresh, empty store and panics when the store breaks the rule. A crate with a
//! store of its own runs all of them by [`store_suite!`](crate::store_suite), which makes one test per rule.
//!
//! Rules use [`Store`](crate::Store) only: nothing here knows which store it is talking to, reads a clock or sleeps.

pub mod claims;
pub mod commits;
pub mod contents;
pub mod fixtures;
pub mod lifecycle;
pub mod lists;
pub mod operators;
pub mod settles;
pub mod tenants;
pub mod texts;
pub mod timers;

/// Makes a module of tests, one per rule, over the stores that `$factory` makes: an async function or closure without
/// arguments that returns an `Arc<dyn Store>`, or a tuple of one and a guard that must outlive it, or an `Option` of
/// either: with none, every rule passes without having run, and the factory has to say so.
///
/// The calling crate needs `tokio` with its `macros` and `rt-multi-thread` features.
#[macro_export]
macro_rules! store_suite {
    ($store:ident, $factory:expr) => {
        mod $store {
            use super::*;

            $crate::store_suite! { @rules $factory;
                commits {
                    creation_writes_entity_and_log
                    step_moves_entity_and_appends_log
                    created_at_survives_a_step
                    second_creation_is_a_conflict
                    wrong_revision_is_a_conflict_and_writes_nothing
                    step_of_missing_entity_is_a_conflict
                    repeated_event_returns_its_log_row_and_writes_nothing
                    repeated_event_is_found_before_the_revision_is_checked
                    event_id_is_free_in_another_entity
                    revision_is_checked_before_consumed_work
                    fifty_commits_at_one_revision_apply_once
                    fifty_entities_commit_at_once
                    contradictory_commit_is_broken_and_writes_nothing
                    log_must_continue_where_it_ended
                    taken_effect_id_is_broken_and_writes_nothing
                    times_are_cut_to_microseconds
                    dropped_commit_happened_or_did_not_begin
                }
                timers {
                    timers_come_by_due_then_creation_number
                    timer_is_due_at_its_instant_and_not_before
                    due_timers_are_limited_and_of_all_tenants
                    consumed_timer_is_removed
                    timer_may_be_consumed_by_the_step_that_cancels_it
                    gone_timer_makes_the_commit_stale
                    timer_of_another_entity_makes_the_commit_stale
                    timers_are_cancelled_by_state_and_entry
                    timer_set_by_the_cancelling_step_stays
                    timer_numbers_are_never_given_again
                    dropped_timer_was_there_once
                    postponed_timer_is_due_later_under_its_number
                    next_due_is_the_earliest_of_timers_effects_and_leases
                }
                claims {
                    new_effect_is_ready_with_epoch_zero
                    claim_raises_epoch_and_claims
                    claims_come_by_due_then_id
                    leases_that_ran_out_come_by_due_too
                    effect_is_claimable_at_its_due_instant_and_not_before
                    held_effect_is_not_claimed_again
                    lease_that_ran_out_is_claimable
                    claimers_at_once_never_get_the_same_effect
                    heartbeat_prolongs_the_lease
                    stale_heartbeat_is_refused
                    released_effect_is_ready_and_uncounted
                    stale_release_is_refused
                    lease_beyond_the_calendar_is_broken
                }
                settles {
                    retry_postpones_and_records_the_attempt
                    each_end_settles_the_effect
                    settle_without_attempt_keeps_the_counts
                    settle_as_an_open_status_is_broken
                    stale_settle_is_refused
                    holder_may_settle_after_its_lease_ran_out
                    consumed_effect_is_settled_with_its_commit
                    consumed_effect_may_be_retried
                    stale_consume_writes_nothing
                    effect_of_another_entity_makes_the_commit_stale
                    conflicting_commit_leaves_its_effect_claimed
                    leaving_a_state_cancels_its_ready_and_dead_invokes_only
                    cancelling_spares_the_consumed_effect
                    invoke_asked_for_by_the_cancelling_step_stays
                }
                operators {
                    retried_dead_effect_starts_again_under_its_key
                    discarded_effect_is_closed
                    only_dead_effects_can_be_operated
                    missing_effect_cannot_be_operated
                    acts_are_kept_oldest_first
                    attempts_are_numbered_over_generations
                    write_from_before_a_redrive_is_refused
                }
                lists {
                    published_version_is_immutable
                    versions_come_by_machine_and_number
                    entities_come_by_id_in_pages
                    pages_are_complete_under_concurrent_inserts
                    state_filter_holds_descendants_and_no_namesakes
                    status_filter_holds
                    log_is_read_from_any_position
                    refusals_come_oldest_first
                    effects_are_filtered
                    effects_come_by_id_in_pages
                    zero_limit_is_empty
                }
                tenants {
                    same_names_in_two_tenants_are_two_entities
                    reads_stay_inside_the_tenant
                    operators_stay_inside_the_tenant
                    consumed_work_stays_inside_the_tenant
                    cancelling_stays_inside_the_tenant
                }
                texts {
                    hostile_ids_are_kept_as_they_are
                    ids_have_1_to_200_bytes
                    json_comes_back_byte_by_byte
                    lists_order_ids_by_bytes
                }
                lifecycle {
                    empty_store_answers_everything
                    closed_store_is_unavailable_for_every_verb
                    close_twice_is_harmless
                    close_finishes_what_is_queued
                }
            }
        }
    };
    (@rules $factory:expr; $($group:ident { $($rule:ident)* })*) => {$($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            let fresh = $factory().await;
            if let Some((store, _guard)) = $crate::suite::fixtures::Fresh::split(fresh) {
                $crate::suite::$group::$rule(store).await;
            }
        }
    )*)*};
}
