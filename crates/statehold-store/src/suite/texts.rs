//! Rules of text: what goes in comes out, byte by byte, whatever it looks like.

use std::sync::Arc;

use super::fixtures::*;
use crate::Store;
use crate::rows::*;

/// Quotes, wildcards, line ends and other alphabets are just bytes, also in the names of tenants and machines.
pub async fn hostile_ids_are_kept_as_they_are(store: Arc<dyn Store>) {
    let ids = [
        "'; DROP TABLE entity; --",
        "\"quoted\"",
        "a'b\"c`d\\e",
        "%_*?[]{}()",
        " leading and trailing ",
        "line\nend\r\ttab",
        "Ünïcödé",
        "日本語の注文",
        "🦀🦀🦀",
        "e\u{301}",
        "\u{e9}",
        "\u{202e}reversed",
        ":tenant ?1 $1 @x",
        "A",
        "a",
    ];
    for id in ids {
        let new = key_of(id, &format!("{id} machine"), id);
        let mut commit = creation(&new);
        commit.effects = vec![effect(id, at(0))];
        commit.timers = vec![timer(id, 1, id, at(60))];
        commit.log.event_id = id.to_owned();
        let row = apply(&*store, commit).await;
        assert_eq!(row.key, new);
        let loaded = store.load(&new, Some(id)).await.expect("load");
        let (_, log) = loaded.expect("the entity is there");
        assert_eq!(log.expect("the log row is there").event_id, id);
        let timers = store.timers(&new).await.expect("timers");
        assert_eq!((timers.len(), &*timers[0].timer.name), (1, id));
        let found = store.effect(id, id).await.expect("effect");
        assert_eq!(found.expect("the effect is there").entity, new);
        let listed = store
            .entities(id, &new.machine, &EntityFilter::default(), &first(10))
            .await;
        assert_eq!(listed.expect("entities"), [row]);
    }
}

/// Bytes, not characters.
pub async fn ids_have_1_to_200_bytes(store: Arc<dyn Store>) {
    create(&*store, &"x".repeat(200)).await;
    create(&*store, &"é".repeat(100)).await;
    assert_broken(store.commit(creation(&key(&"x".repeat(201)))).await);
    assert_broken(store.commit(creation(&key(&"é".repeat(101)))).await);
    assert_broken(store.commit(creation(&key(""))).await);
    assert_broken(store.commit(creation(&key_of("", "order", "1"))).await);
    assert_broken(store.commit(creation(&key_of("main", "", "1"))).await);
    assert_broken(store.refuse(refusal(&key(""), "x")).await);
}

/// The engine hashes these bytes; a store that parses and writes them anew breaks the hashes.
pub async fn json_comes_back_byte_by_byte(store: Arc<dyn Store>) {
    let texts = [
        r#"{ "b" : 1,   "a":2 }"#,
        r#"{"n":12345678901234567890.123456789012345678901}"#,
        r#"{"n":1e100,"m":-0,"k":1.0}"#,
        r#"{"s":"\u0000\u001f\ud83e\udd80\/"}"#,
        r#"{"a":1,"a":2}"#,
        "{\"s\":\"日本\u{2028}語\"}\n",
        "",
    ];
    for (n, text) in texts.iter().enumerate() {
        let json = || (*text).to_owned();
        let id = format!("{n}");
        let mut commit = creation(&key(&id));
        commit.entity.context = json();
        commit.entity.memory = json();
        commit.log.actor = json();
        commit.log.transitions = json();
        commit.log.patch = json();
        commit.log.input = json();
        commit.log.result = json();
        commit.effects = vec![effect(&id, at(0))];
        commit.effects[0].request = json();
        let written = (commit.entity.clone(), Some(commit.log.clone()));
        apply(&*store, commit).await;
        let loaded = store.load(&key(&id), Some("created")).await.expect("load");
        assert_eq!(loaded, Some(written));
        let held = claim_one(&*store, at(10)).await;
        assert_eq!(held.request, *text);
        let mut settled = end(&held, EffectStatus::Ok);
        if let SettleTo::End { reply, .. } = &mut settled.to {
            *reply = Some(json());
        }
        settle(&*store, settled).await;
        assert_eq!(stored(&*store, &id).await.reply, Some(json()));
    }
}

/// No language decides what comes first.
pub async fn lists_order_ids_by_bytes(store: Arc<dyn Store>) {
    let order = ["!", "A", "B", "Z", "_", "a", "b", "ä", "日", "🦀"];
    for id in order.iter().rev() {
        create_with(&*store, id, vec![effect(id, at(0))]).await;
    }
    let any = EntityFilter::default();
    let listed = store.entities("main", "order", &any, &first(100)).await;
    let listed = listed.expect("entities");
    let listed: Vec<&str> = listed.iter().map(|row| &*row.key.id).collect();
    assert_eq!(listed, order);
    let claimed = claim(&*store, at(10), 100).await;
    assert_eq!(ids(&claimed), order);
}
