//! Text messages: queued in the transaction of what they are about, delivered afterwards by a job through a provider.
//!
//! ```text
//! queue ──limits, countries──▶ job ──▶ provider ──▶ delivered
//!   │                           │ away or busy: again, later and later
//!   ▼ refused                   ▼ refused for good, or too late for its reader: given up
//! ```
//!
//! To send a code: [`queue`]`(cx, number, locale, `[`Sms::Code`]` { .. }).await?` in the transaction of the change that it is
//! about; `number` is a phone identifier in any spelling with `+`. A refusal ([`SmsError`]) is a matter between the
//! installation and its purse: show the visitor the same page as after a success.
//!
//! Every message costs money, and thieves earn by having them sent to numbers of theirs (toll fraud). So: nothing is sent
//! to countries that are not named, or to numbers whose kind costs extra or receives no text; messages are counted per
//! number, per source and per tenant in the database, so that neither a restart nor a second node forgets.
//!
//! What it refuses to do: send between a change and its commit, put numbers or codes into logs, trust a provider's answer
//! beyond "taken", "later" or "never". Read `number` (E.164), `model`, `limits`, `ops`, `provider/` (one file each: what to
//! send and what the answer means, without I/O), `sigv4`.

mod error;
mod limits;
mod model;
mod number;
mod ops;
mod provider;
mod sigv4;
mod store;

pub use error::SmsError;
pub use model::{CapturedSms, Sms};
pub use number::PhoneNumber;
pub(crate) use ops::code_of;
pub use ops::{JOB_KIND, deliver, find_captured, list_captured, queue, queue_for_nobody, send_now};
pub(crate) use provider::SmsSender;
