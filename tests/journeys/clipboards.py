"""What programs put on the clipboard, shortened but as they write it."""

WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=Generator
content="Microsoft Word 15">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- /* Style Definitions */ p.MsoNormal {margin:0cm; font-size:11.0pt;} @list l0:level1 {mso-level-text:;}
--></style>
</head><body lang=FR link="#0563C1" style='tab-interval:35.4pt;word-wrap:break-word'>
<!--StartFragment-->
<h1 style='mso-outline-level:1'><span style='mso-fareast-language:FR'>Des antennes vivantes<o:p></o:p></span></h1>
<p class=MsoNormal>Une antenne, c’est d’abord <b style='mso-bidi-font-weight:normal'>une </b><b>adresse</b> sur une
<i>fiche de paie</i>.<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span
class=MsoFootnoteReference><span style='mso-special-character:footnote'><![if !supportFootnotes]><span
class=MsoFootnoteReference>[1]</span><![endif]></span></span></a> Voir <a
href="https://example.org/?utm_source=lettre&amp;page=2">le site</a>.<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-fareast-font-family:Symbol'><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>Des gens<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>o<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>à Lyon</p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span><![endif]>Une porte</p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>1.<span>&nbsp;&nbsp; </span></span><![endif]>Décider</p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>2.<span>&nbsp;&nbsp; </span></span><![endif]>Agir</p>
<h2>Ce que cela coûte</h2>
<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse'>
 <tr><td width=302 valign=top style='width:226.5pt'><p class=MsoNormal><b>Poste<o:p></o:p></b></p></td>
 <td width=302 valign=top><p class=MsoNormal><b>Coût</b></p></td></tr>
 <tr><td><p class=MsoNormal>Café | thé</p></td><td><p class=MsoNormal>35&nbsp;€</p></td></tr>
</table>
<div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all><hr align=left size=1
width="33%"><![endif]>
<div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href="#_ftnref1"
name="_ftn1" title=""><span class=MsoFootnoteReference>[1]</span></a> Ou presque.</p></div></div>
<!--EndFragment--></body></html>"""

WORD_AS_MARKDOWN = """### Des antennes vivantes

Une antenne, c’est d’abord **une adresse** sur une *fiche de paie*.[^ftn1] Voir [le site](https://example.org/?page=2).

- Des gens
    - à Lyon
- Une porte

1. Décider
2. Agir

#### Ce que cela coûte

| Poste | Coût |
| --- | --- |
| Café \\| thé | 35\u00a0€ |

[^ftn1]: Ou presque."""

GOOGLE_DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-3f5d7c1e-7fff-1a2b"><h2
dir="ltr"
style="line-height:1.38;margin-top:18pt;"><span
style="font-size:16pt;font-family:Arial;font-weight:400;">Accueillir</span></h2>
<p dir="ltr" style="line-height:1.38;"><span
style="font-size:11pt;font-weight:400;font-style:normal;">Nous voulons </span><span
style="font-size:11pt;font-weight:700;font-style:normal;">une porte</span><span
style="font-weight:700;font-style:italic;">
ouverte</span><span style="font-weight:400;">, et </span><a
href="https://www.google.com/url?q=https://example.org/a&amp;sa=D"
style="text-decoration:none;"><span
style="color:#1155cc;text-decoration:underline;">un lien</span></a><span>.</span></p><br />
<ol style="margin-top:0;"><li dir="ltr" style="list-style-type:decimal;" aria-level="1"><p dir="ltr"
role="presentation"><span style="font-weight:400;">Un</span></p></li><ul><li dir="ltr" aria-level="2"><p dir="ltr"
role="presentation"><span>dedans</span></p></li></ul><li dir="ltr" aria-level="1"><p dir="ltr"
role="presentation"><span>Deux</span></p></li></ol></b><br class="Apple-interchange-newline">"""

GOOGLE_DOCS_AS_MARKDOWN = """### Accueillir

Nous voulons **une porte *ouverte***, et [un lien](https://example.org/a).

1. Un
    - dedans
2. Deux"""

MAIL = """<div dir="ltr"><div>Bonjour,</div><div><br></div><div>Voici <font
color="#ff0000">mes</font> remarques&nbsp;:<br>- la
salle 2 * 3<br># pas un titre</div><table role="presentation" width="100%"><tr><td style="padding:8px">Lire <a
href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fnote%3Ffbclid%3Dabc&amp;data=05">la
note</a></td></tr></table><img src="https://suivi.example/pixel.gif" width="1" height="1"><blockquote
style="margin:0px 0px 0px 0.8ex;border-left:1px solid"><p>Je suis <a
href="javascript:alert(1)">d'accord</a>.</p><p>Merci
<strong>beaucoup</strong></p></blockquote><script>alert(1)</script></div>"""

MAIL_AS_MARKDOWN = """Bonjour,

Voici mes remarques\u00a0:\\
\\- la salle 2 * 3\\
\\# pas un titre

Lire [la note](https://example.org/note)

> Je suis d'accord.
>
> Merci **beaucoup**"""

WEB_PAGE = """<nav><button>Menu</button></nav><article><h3>Une <em>mesure</em></h3><p>Du <code>code</code>, un
<del>mot</del> et &lt;b&gt; [[pas une référence]] _ni_ ceci snake_case.</p><pre>a
  b</pre><hr><dl><dt>Terme</dt><dd>sens</dd></dl><table><thead><tr><th>A</th><th>B</th></tr></thead>
<tbody><tr><td colspan="2">ensemble</td></tr></tbody></table></article>"""

WEB_PAGE_AS_MARKDOWN = """### Une *mesure*

Du `code`, un ~~mot~~ et <b> \\[[pas une référence]] \\_ni\\_ ceci snake_case.

```
a
  b
```

---

Terme

sens

| A | B |
| --- | --- |
| ensemble |  |"""

CODE_EDITOR = """<meta charset='utf-8'><div
style="color: #d4d4d4;font-family: Consolas, monospace;
white-space: pre;"><div><span
style="color: #569cd6;">### Titre</span></div><br><div><span>- **un**</span></div></div>"""
