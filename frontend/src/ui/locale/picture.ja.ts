import type en from "./picture.en";

export default {
  "picture.connecting": "つないでいます…",
  "picture.slowTitle": "映像が遅れています",
  "picture.slowText": "電波が弱いようです。チャットと買い物はできます。映像は自動でもどります。",
  "picture.failedTitle": "いま映像が出せません",
  "picture.failedText": "映像が届きませんでした。チャットと買い物はできます。自動でつなぎ直しています。",
  "picture.unableTitle": "このブラウザでは映像を出せません",
  "picture.unableText": "チャットと買い物はできます。新しい Chrome、Edge、Firefox なら映像も見られます。",
  "picture.awayTitle": "少し席を\nはずしています",
  "picture.awaySince": "映像がとぎれました。{time} から",
  "picture.awayTalk": "おしゃべりと買い物は続けられます",
  "picture.awayHold": "とりおきは、そのままです",
  "picture.awayBack": "もどったら、映像も自動でもどります",
  "picture.plannedTitle": "{day} {time} に\nはじまります",
  "picture.plannedSoon": "まもなく開きます",
  "picture.plannedText": "このまま待っていると、自動ではじまります。",
  "picture.plannedLate": "少し遅れています。はじまると、自動で切り替わります。",
  "picture.endedTitle": "配信は終わりました",
  "picture.endedAt": "{day} {time} に終わりました。",
  "picture.cancelledTitle": "この配信は取りやめになりました",
  "picture.cancelledText": "お店と品物は、いまも見られます。",
} satisfies Record<keyof typeof en, string>;
