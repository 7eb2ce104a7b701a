### ホスト型ページとメールの日本語。です・ます調。

## Frame
dev-badge = 開発モード
skip = 本文へ移動
title-problem = エラー：
foot-help = ヘルプ
foot-terms = 利用規約
foot-privacy = プライバシーポリシー
foot-language = 言語：
foot-secured = { $product } による保護
continue = 続ける
save = 保存
try-again = もう一度試す
back-to-client = { $client } に戻る
switch-account = アカウントを切り替える

## Time
ago-now = たった今
ago-minutes = { $count ->
   *[other] { $count } 分前
}
ago-hours = { $count ->
   *[other] { $count } 時間前
}
ago-days = { $count ->
   *[other] { $count } 日前
}
date = { $year }年{ $month }{ $day }日
month-1 = 1月
month-2 = 2月
month-3 = 3月
month-4 = 4月
month-5 = 5月
month-6 = 6月
month-7 = 7月
month-8 = 8月
month-9 = 9月
month-10 = 10月
month-11 = 11月
month-12 = 12月

## Fields
field-identifier = メールアドレス
field-email = メールアドレス
field-name = 氏名
field-password = パスワード
field-current-password = 現在のパスワード
field-new-password = 新しいパスワード
password-hint = { $min } 文字以上。関連のない単語をいくつか並べるのがおすすめです。

## Sign-in
sign-in-title = サインイン
sign-in-again-title = ご本人確認
sign-in-onward = { $client } に進みます
sign-in-account = { $tenant } のアカウントにサインインします
sign-in-or = または
sign-in-forgot = パスワードをお忘れですか？
sign-in-submit = サインイン
sign-in-link = サインイン
sign-in-no-account = アカウントをお持ちでないですか？

## Sign-up
sign-up-title = アカウントの作成
sign-up-account = { $tenant } へようこそ
sign-up-submit = アカウントを作成
sign-up-link = 新規登録
sign-up-have-account = すでにアカウントをお持ちですか？
sign-up-agree = アカウントを作成すると、{ $terms }に同意し、{ $privacy }を確認したものとみなされます。
sign-up-agree-one = アカウントを作成すると、{ $document }に同意したものとみなされます。

## Choosing an account
select-title = アカウントの選択
select-another = 別のアカウントを使う
select-last-active = 最終使用：{ $when }

## Consent
consent-title = { $client } へのアクセス許可
consent-heading = { $client } がアカウントへのアクセスを求めています
consent-lede = { $tenant } のアカウントから共有する内容をご確認ください。
consent-allows = { $client } に許可される操作：
consent-caution = { $client } を信頼できる場合にのみ続けてください。アクセス権はアカウントページでいつでも取り消せます。
consent-allow = アクセスを許可
consent-deny = 許可しない
consent-redirect = { $host } に移動します
consent-website = ウェブサイト
consent-client-links = { $client } について
scope-openid = 本人であることの確認
scope-openid-detail = サインインのたびに変わらない識別子
scope-openid-short = サインイン
scope-profile = プロフィールの閲覧
scope-profile-detail = 名前、画像、言語
scope-profile-short = プロフィール
scope-email = メールアドレスの閲覧
scope-email-detail = 確認済みかどうかも含みます
scope-email-short = メール
scope-address = 住所の閲覧
scope-address-detail = 番地、市区町村、郵便番号、国
scope-address-short = 住所
scope-phone = 電話番号の閲覧
scope-phone-detail = 確認済みかどうかも含みます
scope-phone-short = 電話
scope-offline_access = 接続の維持
scope-offline_access-detail = アプリを使っていない間もアクセスを維持します
scope-offline_access-short = 接続を維持

## Signing out
sign-out-title = サインアウトしますか？
sign-out-lede = { $tenant } にサインインしています。
sign-out-client = { $client } が { $tenant } からのサインアウトを求めています。
sign-out-submit = サインアウト
sign-out-stay = サインインしたままにする
signed-out-title = サインアウトしました
signed-out-lede = 共用のパソコンでは、ブラウザーのウィンドウもすべて閉じてください。
signed-out-again = もう一度サインイン

## Account
account-title = アカウント
account-since = { $date }に作成
profile-title = 基本情報
profile-lede = お使いのアプリに表示される情報です。
profile-verified = 確認済み
profile-unverified = 未確認
profile-verify = リンクを送信
password-title = パスワード
password-lede = 他では使っていないものを選んでください。
password-changed = 最終変更：{ $date }
password-submit = パスワードを変更
sessions-title = サインイン中の端末
sessions-lede = 心当たりのない端末はサインアウトし、パスワードを変更してください。
sessions-revoke-others = 他のすべての端末からサインアウト
session-current = この端末
session-active-now = 現在使用中
session-since = { $date }にサインイン
session-revoke = サインアウト
session-unknown = 不明な端末
session-browser-on = { $os } の { $browser }
applications-title = 連携中のアプリ
applications-lede = 表示されている範囲でアカウントを利用できます。
applications-none = アカウントにアクセスできるアプリはありません。
application-since = { $date }から連携
application-scopes = 許可されている操作
application-revoke = アクセスを取り消す

## Confirming an address
check-mail-title = メールをご確認ください
check-mail-lede = { $email } にリンクを送信しました。開いて続けてください。
check-mail-spam = 届かない場合は、迷惑メールフォルダーを確認するか、しばらくお待ちください。
check-mail-resend = 再送信
check-mail-outbox = 保存されたメールを開く
check-mail-wrong = アドレスが違いますか？
check-mail-correct = 戻る
verify-title = メールアドレスの確認
verify-lede = ボタンを押すと、アドレスの確認が完了します。
verify-lede-address = ボタンを押すと、{ $email } の確認が完了します。
verify-submit = メールアドレスを確認
verify-not-you = お心当たりがない場合は、このページを閉じてください。何も起こりません。

## On to the client
form-post-title = しばらくお待ちください
form-post-lede = アプリに戻ります。
form-post-client = { $client } に戻ります。

## Pages that tell something
page-email-verified-title = メールアドレスを確認しました
page-email-verified-body = ありがとうございます。続けてご利用いただけます。
page-signed-in-title = サインインしました
page-signed-in-body = このページを閉じて、アプリにお戻りください。
page-consent-denied-title = アクセスは許可されませんでした
page-consent-denied-body = 何も共有されていません。このページを閉じてかまいません。
page-account-deleted-title = アカウントを削除しました
page-account-deleted-body = アカウントとすべてのセッションが削除されました。
page-done-title = 完了しました
page-done-body = このページを閉じてかまいません。

## Too many requests
limited-title = しばらくお待ちください
limited-what = 短時間に試行が集中しました。アカウントを守るため、間隔を空けています。
limited-seconds = { $seconds ->
   *[other] { $seconds } 秒後にもう一度お試しください。
}
limited-minutes = { $minutes ->
   *[other] { $minutes } 分後にもう一度お試しください。
}

## Errors: what it is, what happened, what to do
error-code = エラーコード
error-detail = 開発者向け
error-request = リクエスト ID
error-client-unknown-title = 不明なアプリ
error-client-unknown-what = リンクが指すアプリは、ここには存在しません。
error-client-unknown-do = アプリに戻ってもう一度お試しください。開発者の方は client_id をご確認ください。
error-client-disabled-title = アプリは停止中です
error-client-disabled-what = このアプリへのサインインは管理者によって停止されています。
error-client-disabled-do = アプリの運営者にお問い合わせください。
error-redirect-uri-title = 信頼できないリンクです
error-redirect-uri-what = アプリが未登録のアドレスへの移動を求めたため、ここで停止しました。
error-redirect-uri-do = アプリに戻ってもう一度お試しください。開発者の方は redirect_uri を正確に登録してください。
error-request-invalid-title = リクエストを処理できません
error-request-invalid-what = アプリから処理できない内容が送られました。
error-request-invalid-do = アプリに戻ってもう一度お試しください。繰り返す場合は運営者にお知らせください。
error-unsupported-title = 対応していません
error-unsupported-what = アプリが求めるサインイン方法は、ここでは利用できません。
error-unsupported-do = 下記の情報を添えて、アプリの運営者にお知らせください。
error-sign-in-expired-title = サインインの有効期限が切れました
error-sign-in-expired-what = 時間がかかりすぎたか、別のタブですでに完了しています。
error-sign-in-expired-do = アプリに戻って、もう一度サインインしてください。
error-form-rejected-title = もう一度お試しください
error-form-rejected-what = フォームとブラウザーを照合できませんでした。ページを長く開いていた場合や、Cookie が削除された場合に起こります。
error-form-rejected-do = 前のページに戻って再読み込みし、もう一度送信してください。
error-cookies-blocked-title = Cookie が無効です
error-cookies-blocked-what = サインインには Cookie が必要ですが、ブラウザーから送られませんでした。
error-cookies-blocked-do = このサイトの Cookie を許可して、もう一度お試しください。
error-link-expired-title = このリンクは無効です
error-link-expired-what = 使用済みか、期限切れか、または不完全です。
error-link-expired-do = 新しいリンクを取得して、数分以内に開いてください。
error-account-disabled-title = アカウントを利用できません
error-account-disabled-what = このアカウントは現在利用できません。
error-account-disabled-do = 管理者またはサポートにお問い合わせください。
error-access-denied-title = アクセスできません
error-access-denied-what = このアカウントには、このアプリの利用が許可されていません。
error-access-denied-do = 管理者にアクセスを依頼するか、別のアカウントをお使いください。
error-logout-invalid-title = サインアウトできませんでした
error-logout-invalid-what = サインアウトのリンクが無効です。まだサインインしたままです。
error-logout-invalid-do = アカウントページからサインアウトしてください。
error-not-found-title = ページが見つかりません
error-not-found-what = このアドレスには何もありません。
error-not-found-do = アドレスを確認するか、元のページにお戻りください。
error-method-not-allowed-title = この操作はできません
error-method-not-allowed-what = このアドレスはこの方法では利用できません。
error-method-not-allowed-do = 前のページに戻り、最初からやり直してください。
error-body-invalid-title = 内容を読み取れませんでした
error-body-invalid-what = ブラウザーから送られた内容が大きすぎるか、フォームではありません。
error-body-invalid-do = 前のページに戻って再読み込みし、もう一度お試しください。
error-tenant-unavailable-title = 利用できません
error-tenant-unavailable-what = このアドレスではサインインできません。
error-tenant-unavailable-do = アドレスを確認するか、案内した方にお尋ねください。
error-busy-title = 混み合っています
error-busy-what = 通常より多くのリクエストを処理しています。
error-busy-do = 数秒待ってから、もう一度お試しください。
error-internal-title = 問題が発生しました
error-internal-what = こちら側の問題です。失われたものはありません。
error-internal-do = しばらくしてからもう一度お試しください。繰り返す場合はリクエスト ID をお知らせください。

## Sentences next to forms
msg-credentials-wrong = メールアドレスとパスワードが一致しません。もう一度お試しください。
msg-too-many-attempts = { $seconds ->
   *[other] 試行回数が多すぎます。{ $seconds } 秒後にもう一度お試しください。
}
msg-form-expired = ページが長時間開かれていました。もう一度お試しください。
msg-account-disabled = このアカウントは現在利用できません。管理者にお問い合わせください。
msg-busy = 大変混み合っています。数秒後にもう一度お試しください。
msg-check-fields = 次の項目をご確認ください：
msg-identifier-missing = メールアドレスを入力してください。
msg-name-missing = 氏名を入力してください。
msg-name-too-long = 氏名は { $max } 文字以内にしてください。
msg-email-missing = メールアドレスを入力してください。
msg-email-invalid = name@example.com のような形式で入力してください。
msg-password-missing = パスワードを入力してください。
msg-password-too-short = パスワードは { $min } 文字以上にしてください。
msg-password-too-long = パスワードは { $max } 文字以内にしてください。
msg-password-breached = このパスワードは過去に漏えいしています。別のものを選んでください。
msg-password-guessable = 推測されやすいパスワードです。長くするか、一般的でないものにしてください。
msg-password-unchanged = 新しいパスワードが現在のものと同じです。
msg-current-password-wrong = 現在のパスワードが違います。
msg-text-invalid = 入力や印刷ができない文字を取り除いてください。
msg-sign-up-refused = この情報ではアカウントを作成できませんでした。サインインをお試しください。
msg-sign-up-closed = ここでは新しいアカウントを作成できません。
msg-sign-in-again = 続けるにはパスワードを入力してください。
msg-session-ended = サインアウトされました。もう一度サインインしてください。
msg-sign-in-expired = 時間がかかりすぎました。もう一度サインインしてください。
msg-account-created = アカウントの準備ができました。サインインして続けてください。
msg-email-verified = メールアドレスを確認しました。
msg-verification-sent = 新しいリンクを送信しました。
msg-link-expired = このリンクは無効です。新しいリンクを取得してください。
msg-password-changed = パスワードを変更しました。他の端末はサインアウトされました。
msg-profile-saved = プロフィールを保存しました。
msg-session-revoked = その端末をサインアウトしました。
msg-other-sessions-revoked = { $count ->
   *[other] 他の { $count } 件のセッションをサインアウトしました。
}
msg-application-revoked = アプリのアクセス権を取り消しました。
msg-tokens-refreshed = セッションはそのままで、トークンを更新しました。
msg-tokens-refused = トークンエンドポイントに拒否されました。

## Development pages
demo-title = デモアプリ
demo-lede = 認可コードフローと PKCE でサインインする小さなクライアントです。実際のアプリと同じエンドポイントを使います。
demo-submit = Authflow でサインイン
demo-issuer = 発行者
demo-client = クライアント ID
demo-signed-in = サインインしました
demo-signed-in-lede = アプリが受け取る内容です。
demo-claims = クレーム
demo-claims-lede = 署名を検証した ID トークンの内容です。
demo-tokens = トークン
demo-tokens-lede = デコード済みです。実際のアプリではサーバーに保管します。
demo-refresh = トークンを更新
demo-expires = { $seconds } 秒
demo-header = ヘッダー
demo-payload = ペイロード
demo-raw = 受信したまま
demo-userinfo = ユーザー情報
demo-userinfo-lede = userinfo エンドポイントの応答です。
outbox-title = 保存されたメール
outbox-open = 開く
outbox-lede = 本番サーバーなら送信されていたメールです。
outbox-none = まだメールはありません。新規登録すると最初の 1 通が届きます。
outbox-mail = メール
outbox-from = 差出人
outbox-to = 宛先
outbox-html = HTML パート
outbox-text = テキストパート

## SMS
sms-code = { $code } は { $tenant } の確認コードです（{ $time }有効）。誰にも教えないでください。
sms-test = { $tenant } からのテストメッセージです。

## Mails
mail-minutes = { $count ->
   *[other] { $count } 分間
}
mail-hours = { $count ->
   *[other] { $count } 時間
}
mail-days = { $count ->
   *[other] { $count } 日間
}
mail-moment = { $date } { $time }（UTC）
mail-link-expires = リンクは一度だけ、{ $time }有効です。
mail-code-expires = コードは一度だけ、{ $time }有効です。
mail-link-fallback = ボタンが使えない場合は、次のアドレスを開いてください：
mail-foot = このメールは { $tenant } から { $email } 宛てに送信されました。
mail-fact-when = 日時
mail-fact-device = 端末
mail-fact-place = 場所
mail-fact-factor = 対象
mail-factor-password = パスワード
mail-factor-passkey = パスキー
mail-factor-totp = 認証アプリ
mail-factor-recovery-codes = リカバリーコード
mail-factor-phone = SMS を受信する電話番号
mail-factor-provider = { $name } のアカウント
mail-verify-email-subject = { $tenant }：メールアドレスの確認
mail-verify-email-heading = メールアドレスの確認
mail-verify-email-body = { $email } が { $tenant } でお使いのアドレスであることをご確認ください。
mail-verify-email-action = メールアドレスを確認する
mail-verify-email-note = お心当たりがない場合は、このメールを無視してください。
mail-magic-link-subject = { $tenant } へのサインイン
mail-magic-link-heading = { $tenant } へのサインイン
mail-magic-link-body = ボタンを押すと、{ $email } としてサインインします。
mail-magic-link-action = サインインする
mail-magic-link-code = または、サインインを始めた画面に次のコードを入力してください：
mail-magic-link-note = ほかの人に渡さないでください。お持ちの方なら誰でもサインインできてしまいます。お心当たりがない場合は、このメールを無視してください。
mail-email-code-subject = { $code }：{ $tenant } の確認コード
mail-email-code-heading = 確認コード
mail-email-code-body = { $tenant } で { $email } として続けるには、次のコードを入力してください。
mail-email-code-note = { $tenant } の担当者がコードをお尋ねすることはありません。お心当たりがない場合は、このメールを無視してください。
mail-password-reset-subject = { $tenant }：パスワードの再設定
mail-password-reset-heading = パスワードの再設定
mail-password-reset-body = { $tenant } の { $email } のパスワードを再設定する依頼がありました。ご本人の場合は、新しいパスワードを設定してください。
mail-password-reset-action = 新しいパスワードを設定する
mail-password-reset-note = お心当たりがない場合は、このメールを無視してください。パスワードは変わりません。
mail-password-changed-subject = { $tenant }：パスワードが変更されました
mail-password-changed-heading = パスワードが変更されました
mail-password-changed-body = { $tenant } の { $email } のパスワードが変更されました。
mail-password-changed-action = アカウントを確認する
mail-password-changed-note = ご本人による変更であれば、何もする必要はありません。お心当たりがない場合は、すぐにパスワードを再設定し、見覚えのない端末をサインアウトしてください。
mail-email-change-old-subject = { $tenant }：メールアドレスの変更について
mail-email-change-old-heading = メールアドレスの変更
mail-email-change-old-body = { $email } でサインインしている方が、アドレスを { $new_email } に変更しようとしています。同意された場合にのみ変更されます。
mail-email-change-old-action = 許可または中止する
mail-email-change-old-note = お心当たりがない場合は、中止してからパスワードを変更してください。
mail-email-change-new-subject = { $tenant }：新しいメールアドレスの確認
mail-email-change-new-heading = 新しいメールアドレスの確認
mail-email-change-new-body = { $email } を { $tenant } の新しいアドレスとして使うことをご確認ください。
mail-email-change-new-action = メールアドレスを確認する
mail-email-change-new-note = お心当たりがない場合は、このメールを無視してください。何も変わりません。
mail-email-changed-subject = { $tenant }：メールアドレスが変更されました
mail-email-changed-heading = メールアドレスが変更されました
mail-email-changed-body = { $tenant } でのアドレスは { $new_email } になりました。
mail-email-changed-action = アカウントを確認する
mail-email-changed-note = ご本人による変更であれば、何もする必要はありません。お心当たりがない場合は、ほかの人がアカウントを使っているおそれがあります。すぐにお問い合わせください。
mail-new-device-subject = { $tenant }：新しい端末からのサインイン
mail-new-device-heading = 新しい端末からのサインイン
mail-new-device-body = これまで使われていなかった端末から、{ $tenant } に { $email } としてサインインがありました。
mail-new-device-action = アカウントを確認する
mail-new-device-note = ご本人であれば、何もする必要はありません。お心当たりがない場合は、その端末をサインアウトし、パスワードを変更してください。
mail-invitation-subject = { $inviter } さんから { $into } への招待
mail-invitation-heading = { $into } への招待
mail-invitation-body = { $inviter } さんが、{ $email } 宛てに { $into } への参加を招待しています。
mail-invitation-action = 招待を受ける
mail-invitation-note = { $inviter } さんにお心当たりがない場合は、このメールを無視してください。
mail-account-deletion-subject = { $tenant } のアカウントは { $date }に削除されます
mail-account-deletion-heading = アカウントが削除されます
mail-account-deletion-body = { $tenant } のアカウント { $email } は、{ $date }にすべての内容とともに削除されます。それまでは取り消せます。
mail-account-deletion-action = アカウントを残す
mail-account-deletion-note = 削除をご希望の場合は、何もする必要はありません。
mail-factor-added-subject = { $tenant }：サインイン方法が追加されました
mail-factor-added-heading = 新しいサインイン方法
mail-factor-added-body = { $tenant } のアカウント { $email } に次のものが追加されました。
mail-factor-added-action = アカウントを確認する
mail-factor-added-note = ご本人であれば、何もする必要はありません。お心当たりがない場合は、削除してからパスワードを変更してください。
mail-factor-removed-subject = { $tenant }：サインイン方法が削除されました
mail-factor-removed-heading = サインイン方法が削除されました
mail-factor-removed-body = { $tenant } のアカウント { $email } から次のものが削除されました。
mail-factor-removed-action = アカウントを確認する
mail-factor-removed-note = ご本人であれば、何もする必要はありません。お心当たりがない場合は、パスワードを変更し、もう一度追加してください。
mail-account-exists-subject = { $tenant } のアカウントは既にあります
mail-account-exists-heading = アカウントは既にあります
mail-account-exists-body = { $email } で { $tenant } に登録しようとした方がいます（ご本人かもしれません）。このアドレスのアカウントは既にありますので、サインインしてください。
mail-account-exists-action = サインインする
mail-account-exists-note = パスワードをお忘れの場合は、そこで再設定できます。お心当たりがない場合は、何もする必要はありません。
mail-test-subject = { $tenant } からのテストメール
mail-test-heading = メールは届いています
mail-test-body = ご依頼のテストメールです。{ $tenant } から { $email } 宛てに送信されました。
mail-test-note = SPF、DKIM、DMARC の結果はメールのヘッダーで確認できます。

# The account pages
account-nav-profile = プロフィール
account-nav-security = セキュリティ
account-nav-devices = デバイス
account-nav-applications = アプリ
account-nav-activity = アクティビティ
identifiers-title = メールアドレス
identifiers-lede = サインインとご連絡に使う情報です。
identifier-primary = メイン
identifier-kind-email = メールアドレス
identifier-kind-phone = 電話番号
identifier-kind-username = ユーザー名
activity-title = 最近のアクティビティ
activity-lede = アカウントへのサインインと変更の記録です。心当たりがないものがあれば、パスワードを変更してください。
activity-none = まだ何もありません。
activity-login = サインインしました
activity-login-failed = サインインに失敗しました
activity-logout = サインアウトしました
activity-created = アカウントを作成しました
activity-email = メールアドレスを変更しました
activity-phone = 電話番号を変更しました
activity-deletion = 削除を申請しました
activity-deletion-cancelled = 削除を取り消しました
activity-updated = プロフィールを変更しました
activity-password = パスワードを変更しました
activity-verified = メールアドレスを確認しました
activity-factor-added = サインイン方法を追加しました
activity-factor-removed = サインイン方法を削除しました
activity-grant-revoked = アプリのアクセス権を取り消しました
activity-refresh-reuse = アプリをサインアウトしました：アクセス権が二重に使われました

### Codes, links and second factors
cancel = キャンセル
field-code = コード
field-recovery-code = リカバリーコード
sign-in-with-email-code = メールでコードを受け取る
sign-in-with-link = メールでサインインリンクを受け取る
sign-in-with-sms-code = SMSでコードを受け取る
code-title = メールをご確認ください
code-title-sms = スマートフォンをご確認ください
code-title-link = メールをご確認ください
code-lede = { $identifier } のアカウントがある場合、6桁のコードをお送りしました。
code-lede-link = { $identifier } のアカウントがある場合、サインインリンクをお送りしました。このブラウザーで開いてください。
code-hint-link = リンクを別のデバイスで開いた場合のみ、そこに表示されたコードを入力してください。
code-resend = もう一度送る
code-back = 別の方法でサインインする
link-elsewhere-title = 別のデバイスでサインインしていますか?
link-elsewhere-lede = このサインインは別のブラウザーで始まりました。そちらに入力するコードを表示できます。
link-show-code = コードを表示
link-not-you = 現在サインインしていない場合は、このページを閉じてください。何も起こりません。
link-code-title = あなたのコード
link-code-lede = サインインを始めた画面に入力してください。
link-code-caution = このコードは誰にも教えないでください。当社の社員を名乗る人にも教えないでください。
second-title = 2段階認証
second-lede-totp = 認証アプリに表示されているコードを入力してください。
second-lede-recovery-code = 保存しておいたリカバリーコードを1つ入力してください。各コードは1回だけ使えます。
second-lede-email-code = メールアドレスに送るコードで本人確認を行います。
second-lede-sms-code = 電話番号に送るコードで本人確認を行います。
second-lede-password = パスワードも入力してください。
second-send = コードを送る
second-trust = { $days ->
    [one] このデバイスでは{ $days }日間確認しない
   *[other] このデバイスでは{ $days }日間確認しない
}
second-use-totp = 認証アプリを使う
second-use-recovery-code = リカバリーコードを使う
second-use-email-code = メールでコードを受け取る
second-use-sms-code = SMSでコードを受け取る
second-use-password = パスワードを使う
totp-title = 認証アプリを設定
totp-lede = Google Authenticator、1Password、Aegis などのアプリでコードを読み取ってください。
totp-lede-required = このアカウントには2段階目の確認が必要です。Google Authenticator、1Password、Aegis などのアプリでコードを読み取ってください。
totp-manual = コードを読み取れない場合
totp-manual-lede = このキーをアプリに入力してください。
totp-open-app = このデバイスのアプリを開く
totp-code-hint = アプリに今表示されている6桁の数字
totp-submit = 有効にする
recovery-codes-title = リカバリーコードを保存してください
recovery-codes-lede = スマートフォンをなくした場合、各コードで1回だけサインインできます。
recovery-codes-once = コードは今だけ表示されます。ご自身だけが見られる場所に保管してください。
recovery-codes-done = 保存しました
msg-code-missing = コードを入力してください。
msg-code-wrong = コードが間違っているか、すでに使えません。確認するか、新しいコードを受け取ってください。
msg-code-sent = コードをお送りしました。
msg-too-many-messages = すでに何通かお送りしました。しばらく待ってからもう一度お試しください。
msg-factor-added = 2段階認証を有効にしました。
msg-factor-removed = 2段階目の確認方法を削除しました。
msg-device-forgotten = このデバイスでは再び2段階目の確認を行います。
error-second-factor-title = 2段階目の確認が必要です
error-second-factor-what = このアカウントには2段階目の確認が必要ですが、現在使える方法がありません。
error-second-factor-do = 管理者にご相談ください。
error-link-browser-title = サインインを始めた場所でリンクを開いてください
error-link-browser-what = このサインインは別のブラウザーで始まり、リンクはそこでのみ使えます。
error-link-browser-do = そのデバイスでメールを開くか、ここでもう一度サインインしてください。
security-totp-title = 認証アプリ
security-totp-lede = スマートフォンのアプリに表示されるコードを、サインイン時に入力します。
security-totp-add = アプリを設定
security-added = { $date }に追加
security-remove = 削除
security-recovery-title = リカバリーコード
security-recovery-left = { $count ->
    [one] 残り{ $count }個
   *[other] 残り{ $count }個
}
security-recovery-renew = 新しいコードを作成
security-devices-title = 信頼できるデバイス
security-devices-lede = これらのデバイスでは2段階目の確認を行いません。
security-until = { $date }まで
security-forget = 再び確認する

# Passkeys
passkey-sign-in = パスキーでサインイン
passkey-failed = うまくいきませんでした。もう一度試すか、別の方法でサインインしてください。
passkey-cancelled = パスキーは使われませんでした。もう一度試すか、別の方法でサインインしてください。
passkey-second = パスキーを使う
passkey-second-noscript = パスキーを使うには、このページで JavaScript を有効にしてください。
second-lede-passkey = 続けるには、登録済みのパスキーを使ってください。
second-use-passkey = パスキーを使う
passkeys-title = パスキー
passkeys-lede = 指紋、顔、画面ロックでサインインできます。パスキーは推測されることがなく、ほかのサイトでは使えません。
passkeys-none = パスキーはまだありません。
passkeys-add = パスキーを追加
passkeys-add-failed = パスキーを追加できませんでした。もう一度お試しください。
passkeys-add-cancelled = パスキーは追加されませんでした。準備ができたらもう一度お試しください。
passkeys-add-known = この端末には、すでにこのアカウントのパスキーがあります。
passkeys-unsupported = このブラウザーではパスキーを使えません。
passkeys-noscript = パスキーを追加するには、このページで JavaScript を有効にしてください。
passkeys-off = ここでは新しいパスキーを追加できません。
passkeys-synced = 同期済み
passkeys-elsewhere = 別のアドレス
passkeys-elsewhere-note = { $domain } でのみ使えます。ここでサインインするには、新しいパスキーを追加してください。
passkeys-created = { $date } に追加
passkeys-used = { $when }に使用
passkeys-unused = 未使用
passkeys-edit = 編集
passkeys-name = 名前
passkeys-remove = 削除
msg-passkey-added = パスキーを追加しました。これからはパスキーでサインインできます。
msg-passkey-renamed = 名前を保存しました。
msg-passkey-removed = パスキーを削除しました。端末やパスワードマネージャーからも削除してください。
msg-passkey-wrong = このパスキーは受け付けられませんでした。もう一度試すか、別の方法でサインインしてください。
msg-passkey-known = このパスキーはすでに登録されています。
msg-passkey-too-many = 登録できるパスキーの上限に達しています。先に一つ削除してください。
msg-passkey-last = このパスキーは唯一のサインイン方法です。先に別のパスキーを追加するか、パスワードを設定してください。
msg-passkey-name = { $max } 文字以内の名前を入力してください。
msg-passkey-model = この種類のセキュリティキーはここでは使えません。使える種類は管理者にお尋ねください。
msg-passkey-not-made = パスキーを追加できませんでした。もう一度お試しください。
## Connections to other providers
sign-in-with = { $provider } で続ける
connect-title = あと一歩です
connect-lede = { $provider } により本人確認ができました。ここでアカウントを作成するか、お持ちのアカウントを連携してください。
connect-closed-lede = { $provider } により本人確認ができましたが、連携しているアカウントがありません。お持ちのアカウントにサインインして連携してください。
connect-exists-title = すでにアカウントがあります
connect-exists-lede = { $provider } から受け取ったメールアドレスのアカウントがすでにあります。一度サインインすると、次からは { $provider } で開けます。
connect-email-hint = ご本人のものであることを確認するため、このアドレスにコードを送信します。
connect-create = アカウントを作成
connect-sign-in = お持ちのアカウントを連携
connect-cancel = 別の方法でサインイン
connect-code-title = メールアドレスの確認
connect-code-lede = { $email } に 6 桁のコードを送信しました。
connections-title = 連携アカウント
connections-lede = ここへのサインインに使う、ほかのサービスのアカウントです。
connections-used = 最終使用 { $ago }
connections-linked = 連携中
connections-none = 未連携
connections-unlink = 連携を解除
connections-link = 連携する
msg-identity-linked = 連携しました。これからはこのアカウントでサインインできます。
msg-identity-unlinked = 連携を解除しました。
msg-last-way-in = これが唯一のサインイン方法です。先にパスワードを設定するか、別のアカウントを連携してください。
msg-connect-sign-in = 連携するには、お持ちのアカウントにサインインしてください。
error-connection-unavailable-title = サービスに接続できません
error-connection-unavailable-what = サインインに使うサービスが現在応答していません。
error-connection-unavailable-do = しばらく待ってからもう一度お試しいただくか、別の方法でサインインしてください。
error-connection-answer-title = サインインできませんでした
error-connection-answer-what = サインインに使うサービスからの応答を利用できません。
error-connection-answer-do = もう一度お試しください。繰り返す場合は、下のエラーコードをこのサイトの運営者にお知らせください。
error-connection-refused-title = サインインしていません
error-connection-refused-what = サインインに使うサービスで、サインインが取り消されたか拒否されました。
error-connection-refused-do = もう一度お試しいただくか、別の方法でサインインしてください。
error-connection-used-title = この応答は使用済みです
error-connection-used-what = ほかのサービスでのサインインは一度だけ有効です。最後のページを再読み込みしても繰り返されません。
error-connection-used-do = サインインを最初からやり直してください。
error-identity-taken-title = このアカウントは使用されています
error-identity-taken-what = 選択したアカウントは、ここで別の方のアカウントと連携しています。
error-identity-taken-do = 別のアカウントを選ぶか、先にそちらで連携を解除してください。
error-identity-unlinked-title = 連携しているアカウントではありません
error-identity-unlinked-what = 続けるには、ご自分のアカウントと連携しているアカウントをお使いください。
error-identity-unlinked-do = 戻って、以前サインインに使ったアカウントを選ぶか、別の方法をお使いください。


# Recovery
recover-title = パスワードの再設定
recover-lede = メールアドレスを入力してください。新しいパスワードを設定するためのリンクをお送りします。
recover-submit = リンクを送信
recover-back = サインインに戻る
recover-sent-lede = { $identifier } のアカウントがある場合は、リンクを記載したメールをお送りしました。リンクは15分間有効です。
recover-sent-note = 届かない場合は迷惑メールフォルダーをご確認ください。安全のため、アカウントの有無はお伝えしていません。
recover-other = 別のアドレスを使う
new-password-title = 新しいパスワードを設定
new-password-lede = { $identifier } のパスワード
new-password-submit = 新しいパスワードを保存
new-password-ends-sessions = ほかのすべてのデバイスからサインアウトされます。
page-password-reset-title = パスワードを変更しました
page-password-reset-body = 新しいパスワードが有効になりました。サインインして続けてください。

# Addresses, invitation, one’s own data
account-nav-data = データ
identifier-make-primary = メインにする
identifier-remove = 削除
identifier-add-email = メールアドレスを追加
identifier-add-hint = このアドレスにリンクをお送りします。リンクを開くまで何も変わりません。
identifier-add-primary = メインのアドレスにする
identifier-add-submit = アドレスを追加
msg-email-change-begun = メールをご確認ください。新しいアドレスにリンクを、現在のアドレスにお知らせをお送りしました。
msg-primary-changed = メインのアドレスを変更しました。
msg-identifier-removed = アカウントから削除しました。
msg-identifier-kept = まだ削除できません。メインのアドレスであるか、最近の変更に異議を申し立てられる期間中です。
msg-deletion-unconfirmed = アカウントを削除するには、チェックボックスをオンにしてください。
page-email-change-undone-title = 変更を取り消しました
page-email-change-undone-body = 新しいアドレスを削除し、すべてのデバイスからサインアウトしました。ご本人でない場合は、今すぐ新しいパスワードを設定してください。
page-deletion-requested-title = アカウントは削除されます
page-deletion-requested-body = すべてのデバイスからサインアウトしました。取り消す場合は、もう一度サインインするか、お送りしたリンクを開いてください。
page-account-kept-title = アカウントは残ります
page-account-kept-body = 削除を取り消しました。サインインして続けてください。
page-invitation-accepted-title = アカウントの準備ができました
page-invitation-accepted-body = 新しいパスワードでサインインして続けてください。
link-confirm-email-title = アドレスの確認
link-confirm-email-lede = { $email } をアカウントに追加しますか？
link-confirm-email-submit = アドレスを確認
link-object-email-title = 心当たりがありませんか？
link-object-email-lede = { $email } がアカウントに追加されたか、追加されようとしています。ご本人でない場合は取り消してください。すべてのデバイスからサインアウトされます。
link-object-email-submit = 変更を取り消す
link-keep-account-title = アカウントを残しますか？
link-keep-account-lede = 削除される予定です。このまま残すことができます。
link-keep-account-submit = アカウントを残す
invitation-title = 招待が届いています
invitation-lede = { $tenant } で { $email } のアカウントを作成します
invitation-submit = アカウントを作成
export-title = データのコピー
export-lede = アカウントについて保存しているすべての情報をJSONファイルでお渡しします。先にもう一度サインインが必要な場合があります。
export-submit = データをダウンロード
delete-title = アカウントの削除
delete-lede = すぐにすべてのデバイスからサインアウトされます。{ $days }日後にアカウントは完全に削除されます。それまではサインインすると取り消せます。
delete-confirm = はい、アカウントを削除します
delete-submit = アカウントを削除

# ページを使わないパスワードの再設定
mail-password-reset-code-subject = { $tenant }：パスワードの再設定
mail-password-reset-code-heading = パスワードの再設定
mail-password-reset-code-body = { $tenant } の { $email } のパスワードを再設定する依頼がありました。ご本人の場合は、依頼した画面で次のコードを入力してください。
mail-password-reset-code-note = { $tenant } の担当者がコードをお尋ねすることはありません。お心当たりがない場合は、このメールを無視してください。パスワードは変わりません。

# Links that reach somebody who did not ask for them
link-not-me = 心当たりがありません
link-not-me-hint = このブラウザではサインインしていません。アカウントのパスワードを入力してください。心当たりがない場合はお知らせください。あなたのアドレスで第三者がアクセスし続けることはできなくなります。
page-email-disowned-title = ご連絡ありがとうございます
page-email-disowned-body = 第三者が用意したアカウントを、あなたのアドレスで開くことはできません。
msg-second-factor-exhausted = このアカウントで誤ったコードが何度も入力されました。メールのコードで最初からやり直すか、新しいパスワードを設定してください。

# The first operator
msg-email-has-account = このメールアドレスのアカウントはすでに存在します
claim-title = このインストールの初期設定
claim-lede = あなたが最初の運用管理者になります。サインインに使うメールアドレスとパスワードを決めてください。
claim-submit = 運用管理者アカウントを作成
page-claimed-title = 設定が完了しました
page-claimed-body = メールアドレスとパスワードでサインインしてください。このリンクはもう使えません。

# 不正利用への対策：計算による確認、使い捨てメール
proof-title = 少々お待ちください
proof-lede = ロボットによる操作を防ぐため、はじめにお使いのブラウザーで短い計算を行います。
proof-progress = 計算の進み具合
proof-running = 確認しています。数秒で終わります。操作の必要はありません。
proof-done = 完了しました。続行します…
proof-failed = 計算を完了できませんでした。前の画面に戻って、もう一度お試しください。
proof-noscript = この計算には JavaScript が必要です。お使いになれない場合は、代わりにメールでコードをお送りします。
proof-noscript-only = この計算には JavaScript が必要です。有効にするか、しばらくしてからもう一度お試しください。
proof-by-mail = 代わりにメールでコードを受け取る
proof-by-mail-hint = お使いのブラウザーや端末で計算できない場合にお選びください。
proof-back = 入力画面に戻る
proof-code-lede = { $identifier } でメールを受信できる場合は、コードをお送りしました。入力すると、先ほどの内容で続行します。
msg-email-disposable = 使い捨てメールのアドレスはご利用いただけません。今後もお使いになるアドレスを入力してください。

# Phones, notices, places
phones-title = 電話番号
phones-lede = サインイン時に SMS でコードを受け取るために使います。
phones-none = 電話番号はまだ登録されていません。
phones-add = 電話番号を追加
phones-add-hint = +81 90 1234 5678 のように国番号から入力してください。コードを送信します。
phones-add-submit = 番号を追加
phones-new = 新しい番号
phones-change = 番号を変更
phones-verify = 番号を確認
phone-code-title = 番号の確認
phone-code-lede = { $number } に 6 桁のコードを送信しました。
phone-code-title-old = 変更の確認
phone-code-lede-old = 新しい番号を確認できました。次に、現在の番号 { $number } に送信したコードを入力してください。
phone-code-lost = この番号はもう使えません
phone-code-lost-note = その場合はサインインした方法で本人確認とし、変更をメールでお知らせします。
msg-phone-missing = 電話番号を入力してください。
msg-phone-invalid = 電話番号ではありません。+ と国番号から入力してください。
msg-phone-known = この番号はすでに登録されています。
msg-phone-taken = この番号は別のアカウントで使われています。先にそちらで削除してください。
msg-phone-refused = この番号には SMS を送信できません。別の番号を使ってください。
msg-phone-other-factor = この番号に届いたコードでサインインしています。いったんサインアウトし、別の方法でサインインしてからやり直してください。
msg-phone-added = 番号を追加しました。
msg-phone-changed = 番号を変更しました。
msg-identifiers-full = これ以上アドレスや番号を追加できません。先にどれかを削除してください。
activity-phone-added = 電話番号の追加
activity-phone-removed = 電話番号の削除
activity-phone-verified = 電話番号の確認
activity-identity-linked = 外部アカウントの連携
activity-identity-unlinked = 外部アカウントの連携解除
activity-passkey-added = パスキーの追加
activity-passkey-removed = パスキーの削除
activity-passkey-counter = パスキーを拒否しました（複製された可能性があります）
activity-recovery-codes = リカバリーコードの再作成
activity-consent-granted = アプリへのアクセス許可
activity-consent-revoked = アプリのアクセス許可の取り消し
mail-phone-changed-subject = { $tenant } の電話番号が変更されました
mail-phone-changed-heading = 電話番号が変更されました
mail-phone-changed-body = { $tenant } のアカウント { $email } の電話番号は { $number } になりました。
mail-phone-changed-action = アカウントを確認
mail-phone-changed-note = ご自身で変更した場合は、何もする必要はありません。心当たりがない場合は、番号を削除してパスワードを変更してください。
passkey-set-up-title = パスキーを作成
passkey-set-up-lede = このアカウントには 2 段階目の確認が必要です。指紋、顔認証、または画面ロックを使ってください。
passkey-set-up-app = 認証アプリを使う
passkey-set-up-instead = パスキーを使う
passkey-offer-title = 次回からすばやくサインイン
passkey-offer-lede = パスキーを使うと、パスワードの代わりに指紋、顔認証、画面ロックでサインインできます。
passkey-offer-decline = 使わない
identifier-bounced = このアドレス宛てのメールが届きませんでした（{ $when }）。確認するか、再送してください。
identifier-retry = 再送
