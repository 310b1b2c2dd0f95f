//! scratch
use statehold_engine::*;
use statehold_server::*;
use statehold_store::*;
use std::sync::Arc;
#[tokio::main]
async fn main() {
    let clock = Arc::new(OffsetClock::default());
    let engine = Engine::builder(Arc::new(MemoryStore::new()) as Arc<dyn Store>)
        .clock(clock.clone())
        .open()
        .await
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:7799")
        .await
        .unwrap();
    let (_handle, shutdown) = Shutdown::channel();
    let dev = DevControls {
        clock,
        on_advance: None,
        mocks: vec![MockLink {
            name: "payments".into(),
            env: "PAYMENTS".into(),
            url: "http://127.0.0.1:7801".into(),
        }],
    };
    let config = AppConfig {
        dev: Some(dev),
        store: Some("sqlite:.statehold/statehold.db".into()),
        ..AppConfig::default()
    };
    let served = serve(listener, app(engine, config), shutdown).await;
    println!("{served:?}");
}
