//! `docs/errors.md`: every stable code with its status and meaning, read from the enums that give them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Arm, Attribute, Expr, ExprLit, ImplItem, Item, Lit, LitInt, LitStr, Pat, Token};

/// The codes of OAuth.
const OAUTH: &str = "crates/proto/src/error.rs";
const SERVER: &str = "crates/server/src";

const HEAD: &str = "\
<!-- Written by `cargo xtask generate` from the code. -->
# Errors

Every code is stable: its meaning never changes, new ones are added. Branch on the code, show people the text.

";
const OAUTH_HEAD: &str = "\
## OAuth endpoints
Below `/oauth2/`, as JSON with `error` and `error_description` (RFC 6749 5.2, RFC 6750 3), or as parameters of the redirect back to
the client (RFC 6749 4.1.2.1), where the status does not apply.

";
const PROBLEM_HEAD: &str = "\
## Everything else
`application/problem+json` (RFC 9457) with `code`, `title`, `status` and `detail`. `type` is `https://docs.authflow.dev/errors/<code>`.

";
const SLICE_HEAD: &str = "\
## Operations
The same shape from the API; on the command line with `--json` as `error.code`, with exit code 1 or 2 in place of a status.

";

/// A code of a table.
struct Row {
    status: u16,
    meaning: String,
}

/// The text of `docs/errors.md`.
pub(crate) fn text(root: &Path) -> Result<String> {
    let mut text = HEAD.to_owned();
    text.push_str(OAUTH_HEAD);
    table(&mut text, &oauth(root)?)?;
    let mut files = Vec::new();
    rust_files(&root.join(SERVER), &mut files)?;
    let (mut problems, mut slices) = (BTreeMap::new(), BTreeMap::new());
    for path in files {
        let source = std::fs::read_to_string(&path)?;
        let whole = || format!("cannot read {}", path.display());
        let tokens: TokenStream = source
            .parse()
            .map_err(|_| anyhow::anyhow!("not Rust"))
            .with_context(whole)?;
        let own = path.ends_with("http/problem.rs");
        calls(tokens, own, &mut problems);
        if path.ends_with("error.rs") {
            operations(&syn::parse_file(&source)?, &mut slices).with_context(whole)?;
        }
    }
    text.push('\n');
    text.push_str(PROBLEM_HEAD);
    table(&mut text, &problems)?;
    text.push('\n');
    text.push_str(SLICE_HEAD);
    table(&mut text, &slices)?;
    Ok(text)
}

fn table(text: &mut String, rows: &BTreeMap<String, Row>) -> Result<()> {
    ensure!(!rows.is_empty(), "a table of errors is empty");
    writeln!(text, "| Code | Status | Meaning |\n|---|---|---|")?;
    for (code, row) in rows {
        writeln!(
            text,
            "| `{code}` | {} | {} |",
            row.status,
            row.meaning.replace('|', "\\|")
        )?;
    }
    Ok(())
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let pair = attribute.meta.require_name_value().ok()?;
        let Expr::Lit(ExprLit {
            lit: Lit::Str(line), ..
        }) = &pair.value
        else {
            return None;
        };
        pair.path.is_ident("doc").then(|| line.value().trim().to_owned())
    });
    let all: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    all.join(" ")
}

/// One line of `codes!`: doc comment, variant, text, status.
struct Codes(BTreeMap<String, Row>);

impl Parse for Codes {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut rows = BTreeMap::new();
        while !input.is_empty() {
            let meaning = doc(&input.call(Attribute::parse_outer)?);
            input.parse::<syn::Ident>()?;
            input.parse::<Token![=]>()?;
            let code: LitStr = input.parse()?;
            input.parse::<Token![,]>()?;
            let status = input.parse::<LitInt>()?.base10_parse()?;
            input.parse::<Token![;]>()?;
            rows.insert(code.value(), Row { status, meaning });
        }
        Ok(Self(rows))
    }
}

fn oauth(root: &Path) -> Result<BTreeMap<String, Row>> {
    let source = std::fs::read_to_string(root.join(OAUTH))?;
    let file = syn::parse_file(&source)?;
    let list = file.items.iter().find_map(|item| match item {
        Item::Macro(list) if list.mac.path.is_ident("codes") => Some(list),
        _ => None,
    });
    let list = list.context("`codes!` is not where it was")?;
    Ok(list.mac.parse_body::<Codes>()?.0)
}

/// Problems that are built in place: `Problem::new(StatusCode::X, "code", "Title")`.
fn calls(tokens: TokenStream, own: bool, rows: &mut BTreeMap<String, Row>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for tree in &trees {
        if let TokenTree::Group(group) = tree {
            calls(group.stream(), own, rows);
        }
    }
    for window in trees.windows(5) {
        let [
            TokenTree::Ident(kind),
            TokenTree::Punct(_),
            TokenTree::Punct(_),
            TokenTree::Ident(new),
            TokenTree::Group(arguments),
        ] = window
        else {
            continue;
        };
        if new != "new" || !(kind == "Problem" || own && kind == "Self") {
            continue;
        }
        let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
        let texts = arguments.iter().filter_map(|tree| match tree {
            TokenTree::Literal(text) => syn::parse_str::<LitStr>(&text.to_string()).ok(),
            _ => None,
        });
        let texts: Vec<String> = texts.map(|text| text.value()).collect();
        if let ([code, title], Some(status)) = (texts.as_slice(), status_in(&arguments)) {
            let meaning = title.clone();
            rows.insert(code.clone(), Row { status, meaning });
        }
    }
}

/// The first `StatusCode::X` among tokens, at any depth.
fn status_in(tokens: &[TokenTree]) -> Option<u16> {
    tokens.iter().enumerate().find_map(|(i, tree)| match tree {
        TokenTree::Group(group) => status_in(&group.stream().into_iter().collect::<Vec<_>>()),
        TokenTree::Ident(ident) if ident == "StatusCode" => match tokens.get(i + 3) {
            Some(TokenTree::Ident(name)) => number(&name.to_string()),
            _ => None,
        },
        _ => None,
    })
}

fn number(name: &str) -> Option<u16> {
    Some(match name {
        "OK" => 200,
        "BAD_REQUEST" => 400,
        "UNAUTHORIZED" => 401,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "METHOD_NOT_ALLOWED" => 405,
        "REQUEST_TIMEOUT" => 408,
        "CONFLICT" => 409,
        "GONE" => 410,
        "PAYLOAD_TOO_LARGE" => 413,
        "UNSUPPORTED_MEDIA_TYPE" => 415,
        "UNPROCESSABLE_ENTITY" => 422,
        "TOO_MANY_REQUESTS" => 429,
        "INTERNAL_SERVER_ERROR" => 500,
        "BAD_GATEWAY" => 502,
        "SERVICE_UNAVAILABLE" => 503,
        _ => return None,
    })
}

/// The enums of a slice's `error.rs` that have `code()` and become a [`Problem`].
fn operations(file: &syn::File, rows: &mut BTreeMap<String, Row>) -> Result<()> {
    for item in &file.items {
        let Item::Enum(error) = item else { continue };
        let Some(codes) = method(file, &error.ident, "code") else {
            continue;
        };
        let Some(statuses) = conversion(file, &error.ident) else {
            continue;
        };
        let codes = arms(&codes);
        let statuses = arms(&statuses);
        for variant in &error.variants {
            let name = variant.ident.to_string();
            let code = codes.iter().find(|arm| covers(&arm.pat, &name));
            // What another slice's error says is listed with that slice.
            if code.is_some_and(|arm| matches!(&*arm.body, Expr::MethodCall(_) | Expr::Path(_))) {
                continue;
            }
            let Some(Expr::Lit(ExprLit {
                lit: Lit::Str(code), ..
            })) = code.map(|arm| &*arm.body)
            else {
                bail!("`{}::{name}` has no literal code", error.ident);
            };
            if code.value() == "internal" {
                continue;
            }
            let status = statuses
                .iter()
                .find(|arm| covers(&arm.pat, &name))
                .and_then(|arm| {
                    let body: Vec<TokenTree> =
                        quote::ToTokens::to_token_stream(&arm.body).into_iter().collect();
                    status_in(&body)
                });
            let status = status.with_context(|| format!("`{}::{name}` has no status", error.ident))?;
            let meaning = doc(&variant.attrs);
            let row = rows.entry(code.value()).or_insert(Row {
                status,
                meaning: String::new(),
            });
            if !row.meaning.is_empty() {
                row.meaning.push_str(" / ");
            }
            row.meaning.push_str(&meaning);
        }
    }
    Ok(())
}

/// The body of an inherent method of `error`.
fn method(file: &syn::File, error: &syn::Ident, name: &str) -> Option<syn::Block> {
    file.items.iter().find_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && names(&block.self_ty, error) => function(block, name),
        _ => None,
    })
}

/// The body of `From<error> for Problem`.
fn conversion(file: &syn::File, error: &syn::Ident) -> Option<syn::Block> {
    file.items.iter().find_map(|item| match item {
        Item::Impl(block) => {
            let (_, from, _) = block.trait_.as_ref()?;
            let is_from = quote::ToTokens::to_token_stream(from).to_string() == format!("From < {error} >");
            let problem = syn::Ident::new("Problem", error.span());
            if is_from && names(&block.self_ty, &problem) {
                return function(block, "from");
            }
            None
        }
        _ => None,
    })
}

fn names(kind: &syn::Type, ident: &syn::Ident) -> bool {
    matches!(kind, syn::Type::Path(path) if path.path.is_ident(ident))
}

fn function(block: &syn::ItemImpl, name: &str) -> Option<syn::Block> {
    block.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == name => Some(function.block.clone()),
        _ => None,
    })
}

/// The arms of the first `match` of a body.
fn arms(body: &syn::Block) -> Vec<Arm> {
    let matched = body.stmts.iter().find_map(|statement| match statement {
        syn::Stmt::Expr(Expr::Match(matched), _) => Some(matched),
        syn::Stmt::Local(local) => match local.init.as_ref().map(|init| &*init.expr) {
            Some(Expr::Match(matched)) => Some(matched),
            _ => None,
        },
        _ => None,
    });
    matched.map(|matched| matched.arms.clone()).unwrap_or_default()
}

/// Whether a pattern takes the variant `name`.
fn covers(pattern: &Pat, name: &str) -> bool {
    let is_named = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == name);
    match pattern {
        Pat::Or(several) => several.cases.iter().any(|case| covers(case, name)),
        Pat::Path(path) => is_named(&path.path),
        Pat::TupleStruct(tuple) => is_named(&tuple.path),
        Pat::Struct(fields) => is_named(&fields.path),
        Pat::Wild(_) => true,
        _ => false,
    }
}
