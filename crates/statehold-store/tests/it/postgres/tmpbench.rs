use statehold_store::suite::fixtures::*;
use statehold_store::*;
use statehold_testpg::{Options, query, server};
use std::sync::Arc;
use std::time::Instant;
fn cpu(root: u32) -> f64 {
    let mut total = 0u64;
    for e in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = e.file_name().to_str().and_then(|s| s.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        let rest = stat.rsplit_once(')').unwrap().1.to_owned();
        let f: Vec<&str> = rest.split_whitespace().collect();
        if f[1].parse::<u32>().unwrap() == root || pid == root {
            total += f[11].parse::<u64>().unwrap() + f[12].parse::<u64>().unwrap();
        }
    }
    total as f64 / 100.0
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tmpbench() {
    let server = server(
        &Options::default()
            .set("shared_buffers", "1GB")
            .set("max_wal_size", "4GB"),
    )
    .unwrap();
    let url = server.url("postgres");
    let pid: u32 = std::fs::read_to_string(server.data().join("postmaster.pid"))
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let mut c = PostgresConfig::url(&url).unwrap();
    c.database_clock = false;
    let store = Arc::new(PostgresStore::open(c).await.unwrap());
    for (name, callers, steps, fx) in [
        ("plain", 1u64, 1500u64, false),
        ("work", 1, 1500, true),
        ("plain", 64, 300, false),
        ("work", 64, 300, true),
        ("plain", 256, 100, false),
    ] {
        query(&url, "ANALYZE").await.unwrap();
        for n in 0..callers {
            let r = store
                .commit(creation(&key(&format!("{name} {callers} {n}"))))
                .await
                .unwrap();
            assert_eq!(r, CommitOutcome::Applied);
        }
        let (t, b, s0) = (Instant::now(), cpu(pid), store.stats());
        let mut tasks = Vec::new();
        for n in 0..callers {
            let store = Arc::clone(&store);
            tasks.push(tokio::spawn(async move {
                let mut row = creation(&key(&format!("{name} {callers} {n}"))).entity;
                for i in 0..steps {
                    let mut commit = step(&row, &format!("ev {i}"), "pending");
                    if fx {
                        commit.effects = vec![effect(&format!("{i:05} {callers} {n}"), at(0))];
                        commit.timers = vec![timer("pending", i, "t", at(9))];
                        if i > 0 {
                            commit.cancel_timers = vec![entry_of("pending", i - 1)];
                        }
                    }
                    let next = commit.entity.clone();
                    assert_eq!(store.commit(commit).await.unwrap(), CommitOutcome::Applied);
                    row = next;
                }
            }));
        }
        for t in tasks {
            t.await.unwrap();
        }
        let (wall, used) = (t.elapsed().as_secs_f64(), cpu(pid) - b);
        let total = (callers * steps) as f64;
        let s = store.stats();
        println!(
            "@@ {name} callers {callers}: {:.0} steps/s, {:.0} us server cpu/step, {:.3} ms wall/step/caller, batch {:.1}",
            total / wall,
            used / total * 1e6,
            wall / steps as f64 * 1e3,
            (s.requests - s0.requests) as f64 / (s.commits - s0.commits) as f64
        );
    }
}
