# frozen_string_literal: true

require 'shellwords'

hardening = toml({ content: inspec.profile.file('hardening.toml') }).params
security = toml({ content: inspec.profile.file('image.toml') }).params['security']
# As root: the login user need not be root.
as_root = ->(script) { "sudo -n /bin/sh -c #{script.shellescape}" }
effective = as_root.call(security['effective'])
unhardened = 'the image was built without --cis-hardening'
own = hardening['own_firewall']
own_rules = 'the image keeps rules of its own in the place of ufw'
own_firewall = lambda do
  rules = file(own['rules'])
  service(own['service']).enabled? && rules.exist? &&
    rules.content.lines.any? { |line| line.start_with?(*own['denies']) }
end
sshd = lambda do |keyword|
  /^#{Regexp.escape(keyword)} #{Regexp.escape(hardening['sshd'][keyword])}$/i
end

control 'sec-01' do
  impact 1.0
  title 'Root cannot log in over SSH'
  only_if(unhardened) { input('hardened') }
  describe command(effective) do
    its('stdout') { should match(sshd.call('PermitRootLogin')) }
  end
end

control 'sec-02' do
  impact 1.0
  title 'Nobody logs in over SSH with a password'
  only_if(unhardened) { input('hardened') }
  describe command(effective) do
    its('stdout') { should match(sshd.call('PasswordAuthentication')) }
  end
  describe command(effective) do
    its('stdout') { should match(sshd.call('KbdInteractiveAuthentication')) }
  end
  describe command(effective) do
    its('stdout') { should match(sshd.call('PermitEmptyPasswords')) }
  end
end

control 'sec-03' do
  impact 0.7
  title 'SSH has the settings, ciphers and limits of the benchmark'
  only_if(unhardened) { input('hardened') }
  hardening['sshd'].each_key do |keyword|
    describe command(effective) do
      its('stdout') { should match(sshd.call(keyword)) }
    end
  end
  describe command(effective) do
    its('stdout') { should_not match(/^(ciphers|macs|kexalgorithms) .*(cbc|3des|arcfour|md5|sha1(,|$)|group1-)/) }
  end
end

control 'sec-04' do
  impact 1.0
  title 'SSH forwards no displays'
  only_if(unhardened) { input('hardened') }
  describe command(effective) do
    its('stdout') { should match(sshd.call('X11Forwarding')) }
  end
end

control 'sec-05' do
  impact 1.0
  title 'SSH gives few attempts'
  only_if(unhardened) { input('hardened') }
  describe command(effective) do
    its('stdout') { should match(sshd.call('MaxAuthTries')) }
  end
end

control 'sec-06' do
  impact 0.7
  title 'The firewall starts with the machine'
  only_if(unhardened) { input('hardened') }
  only_if(own_rules) { !instance_exec(&own_firewall) }
  describe file('/etc/ufw/ufw.conf') do
    its('content') { should match(/^ENABLED=yes$/) }
  end
  describe service('ufw') do
    it { should be_enabled }
  end
end

control 'sec-07' do
  impact 0.7
  title 'The firewall lets SSH in'
  only_if(unhardened) { input('hardened') }
  only_if(own_rules) { !instance_exec(&own_firewall) }
  describe file('/etc/ufw/user.rules') do
    its('content') { should match(/^-A ufw-user-input -p tcp --dport #{security['ssh_port']} -j ACCEPT$/) }
  end
end

control 'sec-08' do
  impact 0.7
  title 'The firewall lets nothing else in'
  only_if(unhardened) { input('hardened') }
  only_if(own_rules) { !instance_exec(&own_firewall) }
  describe file('/etc/default/ufw') do
    its('content') { should match(/^DEFAULT_INPUT_POLICY="DROP"$/) }
  end
end

control 'sec-09' do
  impact 0.7
  title 'Updates install themselves'
  describe package(security['unattended']) do
    it { should be_installed }
  end
  describe service(security['unattended']) do
    it { should be_enabled }
  end
end

control 'sec-10' do
  impact 0.7
  title 'No file of the system can be written by everybody'
  describe command(as_root.call(security['world_writable'])) do
    its('exit_status') { should eq 0 }
    its('stdout') { should eq '' }
  end
end

control 'sec-11' do
  impact 0.7
  title 'Programs that run as their owner come from packages'
  describe command(as_root.call(security['setuid_of_nobody'])) do
    its('exit_status') { should eq 0 }
    its('stdout') { should eq '' }
  end
end

control 'sec-12' do
  impact 1.0
  title 'Lists of users and passwords have the right permissions'
  %w[/etc/passwd /etc/group /etc/shadow /etc/gshadow].each do |path|
    most = hardening['modes'].find { |mode| mode['path'] == path }['most']
    describe file(path) do
      its('owner') { should eq 'root' }
      it { should_not be_more_permissive_than(most) }
    end
  end
end

control 'sec-13' do
  impact 0.7
  title 'The kernel has the settings of the benchmark'
  only_if(unhardened) { input('hardened') }
  hardening['sysctl'].each do |key, value|
    describe file('/etc/sysctl.d/90-sindri-cis.conf') do
      its('content') { should match(/^#{Regexp.escape(key)} = #{Regexp.escape(value)}$/) }
    end
  end
end

control 'sec-14' do
  impact 0.7
  title 'The running kernel obeys them'
  only_if('the system does not run, or is not hardened') { input('booted') && input('hardened') }
  hardening['sysctl'].each do |key, value|
    describe kernel_parameter(key) do
      its('value') { should cmp value }
    end
  end
end

control 'sec-15' do
  impact 0.5
  title 'Rare file systems cannot be loaded'
  only_if(unhardened) { input('hardened') }
  hardening['modules'].each do |name|
    describe command('sudo -n modprobe --showconfig') do
      its('stdout') { should match(%r{^install #{name} /bin/false$}) }
    end
  end
end

control 'sec-16' do
  impact 0.5
  title 'Passwords, sudo, audit and fail2ban have the settings of the benchmark'
  only_if(unhardened) { input('hardened') }
  hardening['login_defs'].each do |key, value|
    describe login_defs do
      its(key) { should eq value }
    end
  end
  keeps_own_rules = instance_exec(&own_firewall)
  hardening['file_lines'].each do |wanted|
    next if wanted['firewall'] && keeps_own_rules

    pattern = wanted['line'].split.map { |word| Regexp.escape(word) }.join('\s+')
    describe command("sudo -n cat #{wanted['path']}") do
      its('stdout') { should match(/^\s*#{pattern}\s*$/) }
    end
  end
end

control 'sec-17' do
  impact 0.5
  title 'The services of the benchmark start with the machine'
  only_if(unhardened) { input('hardened') }
  keeps_own_rules = instance_exec(&own_firewall)
  hardening['services'].each do |name|
    describe service(name == 'ufw' && keeps_own_rules ? own['service'] : name) do
      it { should be_enabled }
    end
  end
end
