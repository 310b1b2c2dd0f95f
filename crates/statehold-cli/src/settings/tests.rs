//! What file, environment and flags say together.

use super::env::Variables;
use super::*;

/// Settings from a file's text, variables without their prefix, and flags.
fn settings(
    file: &str,
    variables: &[(&str, &str)],
    flags: impl FnOnce(&mut Layers),
) -> Result<Settings, Failure> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("statehold.toml");
    std::fs::write(&path, file).expect("written");
    let variables: Variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let mut layers = Layers::default();
    file::read(&path, &mut layers)?;
    env::read(&variables, &mut layers);
    flags(&mut layers);
    Settings::from_layers(layers)
}

fn problems(file: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let failure = settings(file, variables, |_| {}).expect_err("there is a problem");
    assert_eq!(failure.exit.code(), 2);
    match failure.body["problems"].as_array() {
        Some(list) => list
            .iter()
            .map(|p| p.as_str().unwrap_or_default().to_owned())
            .collect(),
        None => vec![
            failure.body["detail"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        ],
    }
}

fn one_problem(file: &str, variables: &[(&str, &str)]) -> String {
    let mut all = problems(file, variables);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn nothing_said_means_the_defaults() {
    let settings = settings("", &[], |_| {}).expect("fine");
    assert_eq!(settings.target, TargetSpec::Store(default_store()));
    assert!(
        settings.serve.listen.is_none() && settings.tenant.is_none() && settings.env.0.is_empty()
    );
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = "tenant = 'file'\nactor = 'file'\nlog = 'file'\n";
    let variables = [("TENANT", "variable"), ("ACTOR", "variable")];
    let settings = settings(file, &variables, |layers| {
        layers.flag("tenant", "--tenant", Some("flag"));
    });
    let settings = settings.expect("fine");
    assert_eq!(settings.tenant.as_deref(), Some("flag"));
    assert_eq!(
        settings.actor.map(|actor| actor.id).as_deref(),
        Some("variable")
    );
    assert_eq!(settings.log.filter.as_deref(), Some("file"));
}

#[test]
fn the_louder_voice_decides_between_store_and_server() {
    let server = |settings: Settings| matches!(settings.target, TargetSpec::Server(_));
    let by_variable = [("SERVER", "http://127.0.0.1:7700")];
    assert!(server(
        settings("store = 'sqlite:a.db'", &by_variable, |_| {}).expect("fine")
    ));
    let flag = |layers: &mut Layers| layers.flag("store", "--store", Some("sqlite:b.db"));
    assert!(!server(settings("", &by_variable, flag).expect("fine")));
    let both = one_problem(
        "store = 'sqlite:a.db'\nserver = 'http://127.0.0.1:7700'",
        &[],
    );
    assert!(both.contains("both a store and a server"), "{both}");
}

#[test]
fn db_url_is_another_name_of_store() {
    let by_variable = settings("", &[("DB__URL", "sqlite:x.db")], |_| {}).expect("fine");
    assert_eq!(by_variable.store().to_string(), "sqlite:x.db");
    let by_file = settings("[db]\nurl = 'sqlite:y.db'", &[], |_| {}).expect("fine");
    assert_eq!(by_file.store().to_string(), "sqlite:y.db");
    let twice = one_problem("store = 'sqlite:a.db'\n[db]\nurl = 'sqlite:b.db'", &[]);
    assert!(twice.contains("twice"), "{twice}");
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_one() {
    let problem = one_problem("\n[serve]\nlisten_on = '127.0.0.1:1'\n", &[]);
    assert!(
        problem.contains("statehold.toml:3: unknown key `serve.listen_on`"),
        "{problem}"
    );
    let problem = one_problem("tennant = 'a'", &[]);
    assert!(
        problem.ends_with("unknown key `tennant`; did you mean `tenant`?"),
        "{problem}"
    );
    let problem = one_problem("[serv]\nlisten = 'x'", &[]);
    assert!(
        problem.ends_with("unknown section `serv`; did you mean `serve`?"),
        "{problem}"
    );
}

#[test]
fn a_misspelt_variable_is_refused_and_a_strange_one_is_not() {
    let problem = one_problem("", &[("SERVE__LISTN", "127.0.0.1:1")]);
    assert!(
        problem.ends_with("did you mean STATEHOLD_SERVE__LISTEN?"),
        "{problem}"
    );
    let strange = [
        ("PORT", "tcp://10.0.0.1:7700"),
        ("SERVICE_HOST", "10.0.0.1"),
        ("CONFORMANCE", "x"),
    ];
    assert!(settings("", &strange, |_| {}).is_ok());
}

#[test]
fn all_problems_are_reported_together() {
    let file = "workers = 1\n[serve]\nlisten = 'nowhere'\nworkers = -1\n[env]\n'bad name' = 'x'\n";
    let all = problems(file, &[("LOG_FORMAT", "xml"), ("STORE", "mysql://a:b@c/d")]);
    assert_eq!(all.len(), 6, "{all:#?}");
    assert!(
        all.iter().all(|problem| !problem.contains("a:b@c")),
        "no secret is repeated"
    );
}

#[test]
fn values_of_env_come_from_file_variable_flag_and_secret_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret\n").expect("written");
    let secret = secret.to_str().expect("UTF-8");
    let file = format!("[env]\nA = 'file'\nB = 'file'\nC = 'file'\nD = {{ file = '{secret}' }}\n");
    let variables = [
        ("ENV__B", "variable"),
        ("ENV__C", "variable"),
        ("ENV__E_FILE", secret),
    ];
    let settings = settings(&file, &variables, |layers| layers.env_flag("C=flag")).expect("fine");
    let values: Vec<_> = settings
        .env
        .0
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        values,
        ["A=file", "B=variable", "C=flag", "D=s3cret", "E=s3cret"]
    );
    assert!(
        !format!("{settings:?}").contains("s3cret"),
        "values are never printed"
    );
}

#[test]
fn a_file_that_is_no_toml_names_the_line() {
    let problem = one_problem("tenant = 'a'\n= 1\n", &[]);
    assert!(
        problem.contains("statehold.toml:2: not valid TOML"),
        "{problem}"
    );
}

#[test]
fn addresses_of_stores_are_told_apart() {
    let parse = |text: &str| text.parse::<StoreUrl>();
    assert_eq!(parse("sqlite::memory:"), Ok(StoreUrl::SqliteMemory));
    assert_eq!(
        parse("sqlite:a/b.db"),
        Ok(StoreUrl::SqliteFile(PathBuf::from("a/b.db")))
    );
    assert_eq!(
        parse("sqlite:///tmp/b.db"),
        Ok(StoreUrl::SqliteFile(PathBuf::from("/tmp/b.db")))
    );
    let postgres = parse("postgres://u:hunter2@h/d").expect("an address");
    assert_eq!(postgres.to_string(), "postgres://u@h:5432/d");
    assert!(!format!("{postgres:?}").contains("hunter2"));
    assert!(
        parse("postgres://u:hunter2@h:x/d")
            .is_err_and(|e| e.contains("postgres://USER") && !e.contains("hunter2"))
    );
    assert!(parse("a.db").is_err_and(|e| e.contains("sqlite:a.db")));
    assert!(parse("sqlite:").is_err());
}

#[test]
fn a_port_alone_means_loopback() {
    let address = |text: &str| super::address(text).map(|a| a.to_string());
    assert_eq!(address(":7700").as_deref(), Ok("127.0.0.1:7700"));
    assert_eq!(address("localhost:1").as_deref(), Ok("127.0.0.1:1"));
    assert_eq!(address("[::1]:1").as_deref(), Ok("[::1]:1"));
    assert!(address("7700").is_err() && address("127.0.0.1:99999").is_err());
}
