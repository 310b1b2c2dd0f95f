//! The Amazon States Language: what each construct becomes.

use statehold_formats::{ImportFormat, Imported};

use crate::sketches::{imported, losses, machine, refused, states_of};

fn document(states: &str) -> String {
    format!("StartAt: A\nStates:\n{states}")
}

fn read(states: &str) -> Imported {
    imported(ImportFormat::Asl, &document(states))
}

#[track_caller]
fn becomes(states: &str, expected: &str) {
    let imported = read(states);
    machine(&imported);
    let states_only = states_of(&imported)
        .split("\neffects:")
        .next()
        .unwrap_or_default();
    assert_eq!(
        states_only.trim_end(),
        expected.trim(),
        "{}",
        imported.chart
    );
}

#[track_caller]
fn is_refused(states: &str, words: &str) {
    let problem = refused(ImportFormat::Asl, &document(states));
    assert!(problem.contains(words), "{problem}");
}

#[test]
fn a_task_invokes_an_effect_and_goes_on_when_it_ends() {
    let imported = read(
        "  A:\n    Type: Task\n    Resource: arn:aws:states:::dynamodb:getItem\n    Parameters: { Key.$: $.id, Table: T, Deep: { a.$: $.x.y } }\n    ResultPath: $.item\n    TimeoutSeconds: 20\n    Retry: [{ ErrorEquals: [States.ALL], IntervalSeconds: 3, MaxAttempts: 4, BackoffRate: 2 }]\n    Catch:\n      - { ErrorEquals: [States.Timeout], Next: B }\n      - { ErrorEquals: [Custom], Next: B }\n      - { ErrorEquals: [States.ALL], ResultPath: $.error, Next: C }\n    Next: B\n  B: { Type: Succeed }\n  C: { Type: Fail, Error: E, Cause: it's bad }\n",
    );
    let expected = "
context:
  id?: {}
  x?: {}
  error?: {}
  item?: {}
guards:
  # TODO: error is Custom
  error_is_custom: true
initial: A
states:
  A:
    invoke:
      effect: A
      input: { Key: ctx.id, Table: \"'T'\", Deep: { a: ctx.x.y } }
      onDone: { target: B, assign: { item: event.output } }
      onError:
        - { target: B, guard: event.error.kind == 'timeout' }
        - { target: B, guard: error_is_custom }
        - { target: C, assign: { error: event.error } }
  B: { type: final }
  C: { type: final, output: { error: \"'E'\", cause: \"'it\\\\'s bad'\" } }
effects:
  A:
    handler: dynamodb:getItem
    description: arn:aws:states:::dynamodb:getItem
    timeout: 20s
    retry: { attempts: 5, backoff: 3s..24s }
";
    let context = imported.chart.find("\ncontext").unwrap();
    machine(&imported);
    assert_eq!(&imported.chart[context..], expected);
    assert_eq!(losses(&imported), ["5:Resource", "12:Catch"]);
}

#[test]
fn without_a_catcher_a_failure_ends_the_machine() {
    becomes(
        "  A: { Type: Task, Resource: 'arn:aws:lambda:x:1:function:do', ResultPath: null, End: true }",
        "initial: A\nstates:\n  A: { invoke: { effect: A, input: { input: ctx }, onDone: end, onError: failed } }\n  end: { type: final }\n  failed: { type: final }",
    );
}

#[test]
fn a_task_with_a_token_waits_for_an_event() {
    let imported = read(
        "  A:\n    Type: Task\n    Resource: arn:aws:states:::lambda:invoke.waitForTaskToken\n    Parameters: { FunctionName: f, Payload: { token.$: $$.Task.Token } }\n    ResultPath: $.answer\n    TimeoutSeconds: 3600\n    Next: B\n  B: { Type: Succeed }\n",
    );
    let expected = "
initial: A
states:
  A:
    invoke:
      effect: A
      input: { FunctionName: \"'f'\", Payload: { token: entity.id } }
      onError: failed
    on: { A_done: { target: B, assign: { answer: event.input } }, A_failed: failed }
    after: { 1h: failed }
  B: { type: final }
  failed: { type: final }
effects:
  A:
    handler: f
    description: arn:aws:states:::lambda:invoke.waitForTaskToken
    retry: { attempts: 1 }
";
    assert!(imported.chart.ends_with(expected), "{}", imported.chart);
    assert_eq!(
        losses(&imported),
        ["4:waitForTaskToken", "5:Resource", "6:task token"]
    );
}

#[test]
fn choices_are_guards_in_order() {
    becomes(
        "  A:\n    Type: Choice\n    Choices:\n      - { Variable: $.n, NumericGreaterThan: 3, Next: B }\n      - { Not: { Variable: $.s, StringEquals: x }, Next: C }\n    Default: D\n  B: { Type: Succeed }\n  C: { Type: Succeed }\n  D: { Type: Succeed }\n",
        "
initial: A
states:
  A: { always: [ { target: B, guard: ctx.n > 3 }, { target: C, guard: \"!(ctx.s == 'x')\" }, D ] }
  B: { type: final }
  C: { type: final }
  D: { type: final }",
    );
    becomes(
        "  A:\n    Type: Choice\n    Choices: [{ Variable: $.n, IsPresent: true, Next: B }]\n  B: { Type: Succeed }\n",
        "initial: A\nstates:\n  A: { always: [ { target: B, guard: has(ctx.n) }, failed ] }\n  B: { type: final }\n  failed: { type: final }",
    );
}

#[test]
fn waits_are_timers() {
    becomes(
        "  A: { Type: Wait, Seconds: 90, Next: B }\n  B: { Type: Wait, Timestamp: '2027-01-01T00:00:00Z', Next: C }\n  C: { Type: Wait, SecondsPath: $.s, Next: D }\n  D: { Type: Wait, TimestampPath: $.t.u, End: true }\n",
        "
initial: A
states:
  A: { after: { 1m30s: B } }
  B: { after: [ { at: \"timestamp('2027-01-01T00:00:00Z')\", target: C } ] }
  C: { after: [ { at: now + seconds(ctx.s), target: D } ] }
  D: { after: [ { at: timestamp(ctx.t.u), target: end } ] }
  end: { type: final }",
    );
}

#[test]
fn a_pass_writes_data_and_goes_on() {
    becomes(
        "  A: { Type: Pass, Result: { a: 1, b: it }, ResultPath: $.x, Next: B }\n  B: { Type: Pass, Parameters: { w.$: $.x.a }, Next: C }\n  C: { Type: Pass, Assign: { z: 1 }, End: true }\n",
        "
initial: A
states:
  A: { always: { target: B, assign: { x: { a: 1, b: \"'it'\" } } } }
  B: { always: { target: C, assign: { w: ctx.x.a } } }
  C: { type: final, entry: { assign: { z: 1 } } }",
    );
}

#[test]
fn branches_are_regions_and_a_failing_one_takes_all_with_it() {
    becomes(
        "  A:\n    Type: Parallel\n    Catch: [{ ErrorEquals: [Bad], Next: C }, { ErrorEquals: [States.ALL], Next: D }]\n    Branches:\n      - StartAt: X\n        States: { X: { Type: Wait, Seconds: 1, End: true } }\n      - StartAt: V\n        States: { V: { Type: Fail, Error: Bad } }\n    Next: B\n  B: { Type: Succeed }\n  C: { Type: Succeed }\n  D: { Type: Succeed }\n",
        "
initial: A
states:
  A:
    type: parallel
    onDone: B
    states:
      branch_1:
        initial: X
        states:
          X: { after: { 1s: end } }
          end: { type: final }
      branch_2:
        initial: V
        states:
          V: { always: C }
  B: { type: final }
  C: { type: final }
  D: { type: final }",
    );
}

#[test]
fn a_machine_that_takes_too_long_fails() {
    let text = "{\"StartAt\":\"A\",\"TimeoutSeconds\":60,\"Comment\":\"words\",\"States\":{\"A\":{\"Type\":\"Wait\",\"Seconds\":1,\"End\":true}}}";
    let imported = imported(ImportFormat::Asl, text);
    assert!(
        imported.chart.contains("description: words"),
        "{}",
        imported.chart
    );
    assert!(
        imported.chart.contains("after: { 1m: timed_out }"),
        "{}",
        imported.chart
    );
}

#[test]
fn data_flow_without_words_is_a_loss() {
    let imported = read(
        "  A:\n    Type: Task\n    Resource: x\n    Parameters: { a.$: States.UUID(), b.$: '$..c', c: '{% $x %}', d.$: $$.Map.Item.Index }\n    ResultPath: $.a.b\n    OutputPath: $.a\n    HeartbeatSeconds: 5\n    Odd: 1\n    Next: B\n  B: { Type: Succeed }\n",
    );
    assert_eq!(
        losses(&imported),
        [
            "5:Resource",
            "6:path",
            "6:path",
            "6:JSONata",
            "6:path",
            "7:ResultPath",
            "8:OutputPath",
            "9:HeartbeatSeconds",
            "10:key `Odd`"
        ]
    );
}

#[test]
fn what_cannot_be_expressed_is_refused_with_its_line() {
    is_refused(
        "  A: { Type: Map, Next: B }\n  B: { Type: Succeed }\n",
        "3:6: `A` is a Map",
    );
    is_refused("  A: { Type: Odd, End: true }\n", "unknown type: `Odd`");
    is_refused(
        "  A: { Type: Wait, Seconds: 1, Next: Z }\n",
        "there is no state `Z`",
    );
    is_refused("  A: { Type: Wait, Seconds: 1 }\n", "goes on with `Next`");
    is_refused("  B: { Type: Succeed }\n", "`StartAt` names no state: `A`");
    is_refused(
        "  A: { Type: Pass, Next: B }\n  B: { Type: Pass, Next: A }\n",
        "SH",
    );
    is_refused(
        "  A: { Type: Parallel, Retry: [{ ErrorEquals: [States.ALL] }], Branches: [{ StartAt: X, States: { X: { Type: Succeed } } }], End: true }\n",
        "put `Retry` at their tasks",
    );
    let problem = refused(ImportFormat::Asl, "{\"StartAt\": \"A\", \"States\": {}}");
    assert!(problem.contains("there are no `States`"), "{problem}");
    let problem = refused(ImportFormat::Asl, "{\"StartAt\": \"A\",");
    assert!(problem.starts_with("1:"), "{problem}");
}
